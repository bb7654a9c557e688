import Files
import Pipeline

/// A kind of damage that `vireo verify` finds. The description names the problem, the place and the remedy.
package enum Corruption: Hashable, Sendable {
    /// The database is damaged as a whole or in a part.
    case database(path: String, problem: String)

    /// The database cannot be opened or read.
    case unreadable(path: String, problem: String)

    /// A row refers to a row that does not exist.
    case dangling(table: String, parent: String)

    /// An archive is missing.
    case missing(artifact: Digest, path: String)

    /// An archive differs from the published one.
    case archive(artifact: Digest, path: String, problem: String)

    /// The rows of an artifact do not match its digest, although its archive may.
    case contents(artifact: Digest)

    /// A file that does not belong to the store.
    case stray(path: String)

    /// A directory of unpacked files differs from its archive.
    case cache(artifact: Digest, path: String, problem: String, since: String)

    /// The rows of an execution do not match its seal.
    case execution(ExecutionID, problem: String)

    /// The rows of a run do not match its seal.
    case run(RunID, problem: String)

    /// The records of an output differ from those in its archive.
    case records(ExecutionID, output: String, table: String)

    /// A question in the database differs from an archive, or is in no archive.
    case question(id: String, problem: String)

    /// A row of cached file digests or unchanged runs is wrong.
    case remembered(table: String, row: String, problem: String)

    /// The kind of damage, in one word.
    package var kind: String {
        switch self {
        case .database, .unreadable: "database"
        case .dangling: "row"
        case .missing: "missing"
        case .archive: "archive"
        case .contents: "artifact"
        case .stray: "stray"
        case .cache: "cache"
        case .execution: "execution"
        case .run: "run"
        case .records: "records"
        case .question: "question"
        case .remembered: "row"
        }
    }

    /// The damaged thing.
    package var place: String {
        switch self {
        case .database(let path, _), .unreadable(let path, _), .stray(let path),
            .cache(_, let path, _, _):
            path
        case .dangling(let table, _): "table \(table)"
        case .missing(_, let path), .archive(_, let path, _): path
        case .contents(let artifact): "artifact \(artifact.short)"
        case .execution(let id, _): "execution \(id.rawValue)"
        case .run(let id, _): "run \(id.rawValue)"
        case .records(let id, let output, let table):
            "table \(table), output \(output) of execution \(id.rawValue)"
        case .question(let id, _): "question \(id)"
        case .remembered(let table, let row, _): "table \(table), row \(row)"
        }
    }

    package var problem: String {
        switch self {
        case .database(_, let problem), .unreadable(_, let problem), .archive(_, _, let problem),
            .cache(_, _, let problem, _), .execution(_, let problem), .run(_, let problem),
            .question(_, let problem), .remembered(_, _, let problem):
            problem
        case .dangling(_, let parent): "a row refers to a row of \(parent) that does not exist"
        case .missing: "the archive is missing"
        case .contents: "its rows do not match its digest"
        case .stray: "the file does not belong to the store"
        case .records: "the rows differ from its record file"
        }
    }

    package var remedy: String {
        switch self {
        case .unreadable:
            "make a copy of the store; restore the database from a backup, or move it away and "
                + "`vireo import` an export or run again: the archives are kept"
        case .database, .dangling, .contents:
            "restore the database from a backup, or `vireo import` an export into a new store"
        case .question:
            "restore the database from a backup; if two stages use the id for different "
                + "questions, change the ids of one of them, and use a new store"
        case .missing: "run the pipeline again"
        case .archive:
            "`vireo verify --repair` moves it to quarantine; then run the pipeline again"
        case .stray: "`vireo verify --repair` moves it to quarantine"
        case .cache:
            "`vireo verify --repair` moves it to quarantine; run the stages that are named here "
                + "again with --force"
        case .execution: "run the stage again with --force"
        case .run: "only the history of this run is affected; restore it with `vireo import`"
        case .remembered: "`vireo verify --repair` removes it"
        case .records: "`vireo verify --repair` restores them from the archive"
        }
    }

    /// Whether `vireo verify --repair` can repair it.
    package var isRepairable: Bool {
        switch self {
        case .archive, .stray, .cache, .records, .remembered: true
        default: false
        }
    }
}

/// A damage in a store and the stages that it affects.
package struct Issue: Hashable, Sendable, CustomStringConvertible {
    /// A stage, by its pipeline and its id.
    package struct Stage: Hashable, Sendable, Comparable {
        package let pipeline: String
        package let id: String

        package static func < (left: Stage, right: Stage) -> Bool {
            (left.pipeline, left.id) < (right.pipeline, right.id)
        }
    }

    package let damage: Corruption
    package let stages: [Stage]

    /// `archive objects/ab/ab12.tar.zst: its bytes changed (quickstart: traces); run the pipeline again`
    package var description: String {
        let names = stages.map { "\($0.pipeline): \($0.id)" }
        let concerned = names.isEmpty ? "" : " (\(names.joined(separator: ", ")))"
        return "\(damage.place): \(damage.problem)\(concerned); \(damage.remedy)"
    }
}
