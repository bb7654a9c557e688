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

        /// Only the time is limited.
        package static func unlimited(time: Duration) -> Limits {
            Limits(time: time, rows: .max, bytes: .max)
        }

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
        var columns: [String] = []
        var rows: [[Cell]] = []
        let isCut = try each(sql) {
            columns = $0
        } row: { row in
            rows.append(columns.indices.map { Cell(row.value($0)) })
            return true
        }
        return Answer(columns: columns, rows: rows, isCut: isCut)
    }

    /// Reads the answer to one statement row by row: calls `header` with the names of the columns, then `row`
    /// with each row until it says that it wants no more. Says whether there were more rows than the limits
    /// allow. Throws a `ConsoleError`.
    package func each(
        _ sql: String, header: ([String]) -> Void, row: (borrowing ConsoleRow) -> Bool
    ) throws(ConsoleError) -> Bool {
        do {
            return try queue.read { database in
                try Self.timed(database, limits.time) {
                    let statement = try database.makeStatement(sql: sql)
                    guard statement.isReadonly else { throw ConsoleError.writes }
                    header(statement.columnNames)
                    let columns = statement.columnCount
                    var rows = 0
                    var bytes = 0
                    var isCut = false
                    try RawStatement(statement, database).each { answer in
                        isCut = rows >= limits.rows || bytes >= limits.bytes
                        guard !isCut else { return false }
                        rows += 1
                        if limits.bytes < .max { bytes += answer.size(columns: columns) }
                        return row(answer)
                    }
                    return isCut
                }
            }
        } catch let error as DatabaseError {
            throw Self.explanation(error, limits)
        } catch let error as ConsoleError {
            throw error
        } catch {
            throw .refused(String(describing: error))
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
    /// A copy of a value.
    package init(_ value: ConsoleRow.Value) {
        self =
            switch value {
            case .null: .null
            case .integer(let integer): .integer(integer)
            case .real(let real): .real(real)
            case .text(let bytes): .text(String(decoding: bytes, as: UTF8.self))
            case .blob(let bytes): .blob(Data(bytes))
            }
    }
}
