import Files
import Foundation
import LanguageModel
import Pipeline
import Store

/// What the numbers of a run may depend on besides its file, for the record. Gathering it takes some hundredths
/// of a second: a run that has nothing to do does without.
struct RunEnvironment {
    let plan: Plan

    /// The one that the pipeline file is in.
    let repository: GitRepository?
    let environment: [String: String]

    /// Threads and stages at a time.
    let cores: Int
    let jobs: Int

    /// Whether a digest of the machine's name is recorded.
    let recordsHost: Bool

    /// A JSON object.
    func record() throws -> [String: Value] {
        var record = try Machine.description()
        record["os"] = .text(ProgramVersions.system)
        record["kernel"] = .text(ProgramVersions.kernel)
        record["versions"] = .table(ProgramVersions.all.mapValues { .text($0) })
        record["program"] = .table([
            "version": .text(Vireo.version), "build": JSONText.optional(ProgramVersions.build),
        ])
        record["threads"] = .table(["cores": .integer(cores), "jobs": .integer(jobs)])
        record["locale"] = .table(Self.chosen(environment, Self.locale))
        record["environment"] = .table(declared)
        if let repository {
            let tree = WorkingTree(root: repository.root, environment: environment)
            let changes: Value =
                switch tree.changes() {
                case .none: .null
                case .some(let digest): .text(digest.hex)
                case .unknown: .text("unknown")
                }
            record["git"] = .table([
                "commit": JSONText.optional(repository.commit), "changes": changes,
            ])
        }
        if recordsHost { record["host"] = .text(Digest(of: ProcessInfo.processInfo.hostName).hex) }
        return record
    }

    private static let locale = ["LANG", "LC_ALL", "LC_NUMERIC", "TZ"]

    /// Digests of the values of the variables that stages declare, as keys have them: null for one that is not set.
    private var declared: [String: Value] {
        plan.stages.reduce(into: [:]) { declared, stage in
            for (name, digest) in stage.environment {
                declared[name] = digest.map { .text($0.hex) } ?? .null
            }
        }
    }

    private static func chosen(
        _ environment: [String: String], _ names: [String]
    ) -> [String: Value] {
        Dictionary(
            names.compactMap { name in environment[name].map { (name, .text($0)) } },
            uniquingKeysWith: { first, _ in first })
    }
}

extension ProcessInfo {
    /// The names of the variables whose values are not UTF-8. `environment` has other values for them.
    var garbledVariables: Set<String> {
        Set(
            environment.keys.filter {
                getenv($0).map { String(validatingCString: $0) == nil } ?? false
            })
    }
}
