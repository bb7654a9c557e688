import Foundation
import GRDB
import Synchronization

/// Copies of a database after every commit, with how many changes of files came before it.
final class DatabaseHistory: Sendable {
    struct Moment: Sendable {
        /// Counts the commits.
        let number: Int
        let changes: Int
        let database: DatabaseQueue
        let facts: Facts
    }

    /// What the rows claim.
    struct Facts: Hashable, Sendable {
        /// The size of every artifact's archive.
        var archives: [String: Int] = [:]
        /// The artifacts of every finished key, by output.
        var finished: [String: [String: String]] = [:]
        /// The rows that the records of finished executions became.
        var records: [String: Int] = [:]
        /// Rows of executions that are not finished.
        var strays = 0
    }

    private let database: DatabaseQueue
    private let state: Mutex<(version: Int, moments: [Moment])>

    /// `path` is a database that exists.
    init(_ path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        database = try DatabaseQueue(path: path, configuration: configuration)
        state = Mutex((-1, []))
        note(0)
    }

    var moments: [Moment] { state.withLock { $0.moments } }

    /// Keeps a copy if something was committed since the last time; whether it was.
    @discardableResult
    func note(_ changes: Int) -> Bool {
        state.withLock { state in
            do {
                let version =
                    try database.read { try Int.fetchOne($0, sql: "PRAGMA data_version") } ?? 0
                guard version != state.version else { return false }
                let copy = try DatabaseQueue()
                try database.backup(to: copy)
                state.moments.append(
                    Moment(
                        number: state.moments.count, changes: changes, database: copy,
                        facts: try Self.facts(copy)))
                state.version = version
                return true
            } catch {
                preconditionFailure("a database in memory cannot fail: \(error)")
            }
        }
    }

    /// The states of the database that a failure after so many changes may find.
    func candidates(_ changes: Int) -> [Moment] {
        let moments = moments
        let before = moments.last { $0.changes < changes }
        return [before].compactMap(\.self) + moments.filter { $0.changes == changes }
    }

    private static func facts(_ database: DatabaseQueue) throws -> Facts {
        try database.read { database in
            var facts = Facts()
            for row in try Row.fetchAll(database, sql: "SELECT digest, archive_bytes FROM artifact")
            {
                facts.archives[row[0]] = row[1]
            }
            let finished = try Row.fetchAll(
                database,
                sql: """
                    SELECT key, name, artifact FROM execution
                    LEFT JOIN execution_output ON execution = execution.id WHERE state = 'done'
                    """)
            for row in finished {
                if let name: String = row[1] {
                    facts.finished[row[0], default: [:]][name] = row[2]
                } else {
                    facts.finished[row[0], default: [:]] = [:]
                }
            }
            let records = try Row.fetchAll(
                database,
                sql: """
                    SELECT key,
                        (SELECT count(*) FROM question_use WHERE question_use.execution = execution.id)
                    FROM execution WHERE state = 'done'
                    """)
            for row in records { facts.records[row[0]] = row[1] }
            facts.strays =
                try Int.fetchOne(
                    database,
                    sql: """
                        SELECT (SELECT count(*) FROM question_use WHERE execution IN
                                (SELECT id FROM execution WHERE state NOT IN ('done', 'superseded')))
                            + (SELECT count(*) FROM execution_output WHERE execution IN
                                (SELECT id FROM execution WHERE state NOT IN ('done', 'superseded')))
                        """) ?? 0
            return facts
        }
    }
}
