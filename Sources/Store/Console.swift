import Foundation
import GRDB
import GRDBSQLite
import Pipeline

/// Runs other people's SQL on a connection of its own that can only read: no writes, no other files, no
/// extensions, one statement at a time, and no longer or larger than its limits.
package final class Console: Sendable {
    package struct Limits: Hashable, Sendable {
        package var time: Duration
        package var rows: Int
        /// Of all values together.
        package var bytes: Int

        package init(time: Duration = .seconds(30), rows: Int = 10_000, bytes: Int = 64 << 20) {
            self.time = time
            self.rows = rows
            self.bytes = bytes
        }
    }

    /// A value as SQLite types it.
    package enum Cell: Hashable, Sendable {
        case null
        case integer(Int64)
        case real(Double)
        case text(String)
        case blob(Data)
    }

    package struct Answer: Hashable, Sendable {
        package let columns: [String]
        package let rows: [[Cell]]
        /// Whether there were more rows than the limits allow.
        package let isCut: Bool
    }

    private let queue: DatabaseQueue
    private let limits: Limits

    /// A console on the store in `layout`.
    package init(_ layout: StoreLayout, limits: Limits = Limits()) throws {
        self.limits = limits
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(
                sql: "PRAGMA query_only = 1; PRAGMA trusted_schema = 0; PRAGMA cell_size_check = 1")
        }
        queue = try Store.reader(layout, configuration: configuration)
        try Store.explained(layout) {
            try Schema.checkReadable(queue, layout)
            // GRDB uses the authorizer of its connections itself; this one needs it more.
            try queue.read { Self.restrict($0) }
        }
    }

    /// The answer to one statement. Throws a `ConsoleError`.
    package func run(_ sql: String) throws(ConsoleError) -> Answer {
        do {
            return try queue.read { database in
                try Self.timed(database, limits.time) { try answer(database, sql) }
            }
        } catch let error as DatabaseError {
            throw Self.explanation(error, limits)
        } catch let error as ConsoleError {
            throw error
        } catch {
            throw .refused(String(describing: error))
        }
    }

    private func answer(_ database: Database, _ sql: String) throws -> Answer {
        let statement = try database.makeStatement(sql: sql)
        guard statement.isReadonly else { throw ConsoleError.writes }
        let cursor = try Row.fetchCursor(statement)
        var rows: [[Cell]] = []
        var bytes = 0
        while let row = try cursor.next() {
            guard rows.count < limits.rows, bytes < limits.bytes else {
                return Answer(columns: statement.columnNames, rows: rows, isCut: true)
            }
            let cells = Array(row.databaseValues.map(Self.cell))
            bytes += cells.reduce(0) { $0 + $1.size }
            rows.append(cells)
        }
        return Answer(columns: statement.columnNames, rows: rows, isCut: false)
    }

    private static func cell(_ value: DatabaseValue) -> Cell {
        switch value.storage {
        case .null: .null
        case .int64(let integer): .integer(integer)
        case .double(let real): .real(real)
        case .string(let text): .text(text)
        case .blob(let data): .blob(data)
        }
    }

    /// Interrupts `body` when its time is up.
    private static func timed<Result>(
        _ database: Database, _ time: Duration, _ body: () throws -> Result
    ) throws -> Result {
        let deadline = ContinuousClock.now.advanced(by: time)
        let connection = database.sqliteConnection
        return try withUnsafePointer(to: deadline) { pointer in
            sqlite3_progress_handler(
                connection, 1000,
                { context in
                    let deadline = context?.assumingMemoryBound(to: ContinuousClock.Instant.self)
                    guard let deadline else { return 1 }
                    return ContinuousClock.now < deadline.pointee ? 0 : 1
                }, UnsafeMutableRawPointer(mutating: pointer))
            defer { sqlite3_progress_handler(connection, 0, nil, nil) }
            return try body()
        }
    }

    private static func restrict(_ database: Database) {
        let connection = database.sqliteConnection
        sqlite3_limit(connection, SQLITE_LIMIT_ATTACHED, 0)
        sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, 256 << 20)
        sqlite3_limit(connection, SQLITE_LIMIT_SQL_LENGTH, 1 << 20)
        sqlite3_set_authorizer(
            connection,
            { _, action, _, name, _, _ in
                switch action {
                case SQLITE_SELECT, SQLITE_READ, SQLITE_RECURSIVE, SQLITE_TRANSACTION: SQLITE_OK
                case SQLITE_FUNCTION:
                    name.map { String(cString: $0).lowercased() } == "load_extension"
                        ? SQLITE_DENY : SQLITE_OK
                default: SQLITE_DENY
                }
            }, nil)
    }

    private static func explanation(_ error: DatabaseError, _ limits: Limits) -> ConsoleError {
        let message = error.message ?? "SQLite error \(error.resultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_INTERRUPT: return .late(limits.time)
        case .SQLITE_AUTH: return .writes
        case .SQLITE_ERROR where message.hasPrefix("not authorized"): return .writes
        case .SQLITE_MISUSE where message.hasPrefix("Multiple statements"): return .several
        default: return .refused(message)
        }
    }
}

extension Console.Cell {
    fileprivate var size: Int {
        switch self {
        case .null, .integer, .real: 8
        case .text(let text): text.utf8.count
        case .blob(let data): data.count
        }
    }
}
