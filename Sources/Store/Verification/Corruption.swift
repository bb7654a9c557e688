import Files
import Pipeline

/// What `vireo verify` can find wrong with a store. Every description says what is wrong, where, and what to
/// do.
package enum Corruption: Hashable, Sendable {
    /// The database file as a whole, or what a part of it says.
    case database(path: String, problem: String)

    /// The database cannot be opened or read at all.
    case unreadable(path: String, problem: String)

    /// A row names another one that does not exist.
    case dangling(table: String, parent: String)

    /// An archive is gone.
    case missing(artifact: Digest, path: String)

    /// An archive is not what was published.
    case archive(artifact: Digest, path: String, problem: String)

    /// The rows of an artifact do not give its digest, though its archive may.
    case contents(artifact: Digest)

    /// A file that nothing made.
    case stray(path: String)

    /// A directory of unpacked files is not what its archive holds.
    case cache(artifact: Digest, path: String, problem: String, since: String)

    /// The rows of an execution are not those that it ended with.
    case execution(ExecutionID, problem: String)

    /// The rows of a run are not those that it ended with.
    case run(RunID, problem: String)

    /// The records of an output are not those of its archive.
    case records(ExecutionID, output: String, table: String)

    /// A question is not in an archive, or in none, as the database has it.
    case question(id: String, problem: String)

    /// A row that saves the reading of files is wrong.
    case remembered(table: String, row: String, problem: String)

    /// One word for what kind of thing it is.
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

    /// The thing.
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
        case .dangling(_, let parent): "a row names a row of \(parent) that does not exist"
        case .missing: "the archive is missing"
        case .contents: "its rows do not give its digest"
        case .stray: "nothing in the store made this file"
        case .records: "the rows are not those of its record file"
        }
    }

    package var remedy: String {
        switch self {
        case .unreadable:
            "keep a copy of the store; bring the database back from a copy, or move it away and `vireo"
                + " import` an export or run again: the archives stay"
        case .database, .dangling, .contents:
            "bring the database back from a copy, or `vireo import` an export into a new store"
        case .question:
            "bring the database back from a copy; if two stages use the id for different questions, give"
                + " one of them other ids, and use a new store"
        case .missing: "run the pipeline again"
        case .archive:
            "`vireo verify --repair` moves it to quarantine; then run the pipeline again"
        case .stray: "`vireo verify --repair` moves it to quarantine"
        case .cache:
            "`vireo verify --repair` moves it to quarantine; run stages that are named here again with --force"
        case .execution: "run the stage again with --force"
        case .run: "only this run's history is concerned; bring it back with `vireo import`"
        case .remembered: "`vireo verify --repair` removes it"
        case .records: "`vireo verify --repair` reads them from the archive again"
        }
    }

    /// Whether `vireo verify --repair` does something about it.
    package var isRepairable: Bool {
        switch self {
        case .archive, .stray, .cache, .records, .remembered: true
        default: false
        }
    }
}

/// Something that is wrong in a store, and which stages it concerns.
package struct Issue: Hashable, Sendable, CustomStringConvertible {
    /// A stage, by its pipeline and its identifier in it.
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
