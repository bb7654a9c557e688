import Foundation
import LanguageModel
import Pipeline
import Store

/// What the numbers of a run may depend on besides its file, for the record. Gathering it takes some hundredths
/// of a second: a run that has nothing to do does without.
struct Surroundings {
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
    var record: [String: Value] {
        var record = Machine.description
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

    /// The values of the variables that stages declare, without those that a stage calls secret.
    private var declared: [String: Value] {
        func names(_ option: String) -> Set<String> {
            Set(
                plan.stages.flatMap { stage -> [String] in
                    guard stage.kind.isOpen, case .list(let names)? = stage.options.values[option]
                    else { return [] }
                    return names.compactMap {
                        if case .text(let name) = $0 { name } else { nil }
                    }
                })
        }
        let secrets = names("secrets")
        let mask = SecretMask(secrets.compactMap { environment[$0] })
        let chosen = names("environment").subtracting(secrets)
        return Self.chosen(environment, chosen.sorted()).mapValues { value in
            if case .text(let text) = value { .text(mask.masked(text)) } else { value }
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
