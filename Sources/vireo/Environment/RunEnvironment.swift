import Files
import Foundation
import JSON
import LanguageModel
import Pipeline
import Report
import Store

/// The environment that the results of a run may depend on besides its pipeline, for the record. Gathering it takes
/// some hundredths of a second, so it is skipped if all stages are cached.
struct RunEnvironment {
    let plan: Plan

    /// The repository that contains the pipeline file.
    let repository: GitRepository?
    let environment: [String: String]

    /// The numbers of threads and of stages that run at the same time.
    let cores: Int
    let jobs: Int

    /// Whether a digest of the host name is recorded.
    let recordsHost: Bool

    /// The environment as a JSON object.
    func record() throws -> [String: JSONValue] {
        var record = try Machine.description()
        record["os"] = .string(ProgramVersions.system)
        record["kernel"] = .string(ProgramVersions.kernel)
        record["versions"] = .object(ProgramVersions.all.mapValues { .string($0) })
        record["program"] = .object([
            "version": .string(Vireo.version), "build": JSONText.optional(ProgramVersions.build),
        ])
        record["threads"] = .object(["cores": .integer(cores), "jobs": .integer(jobs)])
        record["locale"] = .object(Self.chosen(environment, Self.locale))
        record["environment"] = .object(declared)
        if let repository {
            let tree = WorkingTree(root: repository.root, environment: environment)
            let changes: JSONValue =
                switch tree.changes() {
                case .none: .null
                case .some(let digest): .string(digest.hex)
                case .unknown: .string("unknown")
                }
            record["git"] = .object([
                "commit": JSONText.optional(repository.commit), "changes": changes,
            ])
        }
        if recordsHost {
            record["host"] = .string(Digest(of: ProcessInfo.processInfo.hostName).hex)
        }
        return record
    }

    private static let locale = ["LANG", "LC_ALL", "LC_NUMERIC", "TZ"]

    /// Digests of the values of the environment variables that stages declare, as in cache keys; null for a variable
    /// that is not set.
    private var declared: [String: JSONValue] {
        plan.stages.reduce(into: [:]) { declared, stage in
            for (name, digest) in stage.environment {
                declared[name] = digest.map { .string($0.hex) } ?? .null
            }
        }
    }

    private static func chosen(
        _ environment: [String: String], _ names: [String]
    ) -> [String: JSONValue] {
        Dictionary(
            names.compactMap { name in environment[name].map { (name, .string($0)) } },
            uniquingKeysWith: { first, _ in first })
    }
}

extension ProcessInfo {
    /// The names of the environment variables whose values are not UTF-8. `environment` has altered values for them.
    var garbledVariables: Set<String> {
        Set(
            environment.keys.filter {
                getenv($0).map { String(validatingCString: $0) == nil } ?? false
            })
    }
}
