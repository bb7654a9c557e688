import Foundation
import GRDB
import GRDBSQLite
import Pipeline

/// Runs untrusted SQL on a read-only connection of its own: without writes, other files or extensions, one statement at
/// a time, and within limits of time and size.
package final class Console: Sendable {
    package struct Limits: Hashable, Sendable {
        package var time: Duration
        package var rows: Int
        /// The total size of all values, in bytes.
        package var bytes: Int

        /// Limits only the time.
        package static func unlimited(time: Duration) -> Limits {
            Limits(time: time, rows: .max, bytes: .max)
        }

        package init(time: Duration = .seconds(30), rows: Int = 10_000, bytes: Int = 64 << 20) {
            self.time = time
            self.rows = rows
            self.bytes = bytes
        }
    }

    package struct Answer: Hashable, Sendable {
        package let columns: [String]
        package let rows: [[SQLValue]]
        /// Whether there were more rows than the limits allow.
        package let isCut: Bool
    }

    private let queue: DatabaseQueue
    private let limits: Limits

    /// Opens a console on the store in `layout`.
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
            // This connection replaces the authorizer that GRDB uses.
            try queue.read { Self.restrict($0) }
        }
    }

    /// Runs a statement and returns its result. Throws a `ConsoleError`.
    package func run(_ sql: String) throws(ConsoleError) -> Answer {
        var columns: [String] = []
        var rows: [[SQLValue]] = []
        let isCut = try each(sql) {
            columns = $0
        } row: { row in
            rows.append(columns.indices.map { SQLValue(row.value($0)) })
            return true
        }
        return Answer(columns: columns, rows: rows, isCut: isCut)
    }

    /// Runs a statement and reads its result row by row. Calls `header` with the names of the columns, then `row` with
    /// each row until it returns false. Returns whether the limits cut rows off. Throws a `ConsoleError`.
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
                    var isLarge = false
                    try RawStatement(statement, database).each { answer in
                        isCut = rows >= limits.rows || bytes >= limits.bytes
                        guard !isCut else { return false }
                        rows += 1
                        if limits.bytes < .max {
                            let size = answer.size(columns: columns)
                            isLarge = size > limits.bytes
                            guard !isLarge else { return false }
                            bytes += size
                        }
                        return row(answer)
                    }
                    if isLarge { throw ConsoleError.large(bytes: limits.bytes) }
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

    /// Interrupts `body` after `time`.
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
        sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, Int32(longest))
        sqlite3_limit(connection, SQLITE_LIMIT_SQL_LENGTH, 1 << 20)
        sqlite3_set_authorizer(
            connection,
            { _, action, first, second, _, _ in
                func names(_ set: Set<String>, _ name: UnsafePointer<CChar>?) -> Bool {
                    name.map { set.contains(String(cString: $0).lowercased()) } ?? false
                }
                return switch action {
                case SQLITE_SELECT, SQLITE_READ, SQLITE_RECURSIVE, SQLITE_TRANSACTION: SQLITE_OK
                case SQLITE_FUNCTION:
                    names(Console.deniedFunctions, second) ? SQLITE_DENY : SQLITE_OK
                case SQLITE_PRAGMA: names(Console.pragmas, first) ? SQLITE_OK : SQLITE_DENY
                // Table-valued functions such as json_each declare their columns this way. Real updates are excluded,
                // because only read-only statements run.
                case SQLITE_UPDATE: names(["sqlite_master"], first) ? SQLITE_OK : SQLITE_DENY
                default: SQLITE_DENY
                }
            }, nil)
    }

    /// The maximum length of a value, equal to that of a line of a record file.
    private static let longest = 64 << 20

    /// Functions that load code or expose memory addresses.
    private static let deniedFunctions: Set = ["load_extension", "fts3_tokenizer"]

    /// The pragmas that only describe tables and functions.
    private static let pragmas: Set = [
        "collation_list", "compile_options", "database_list", "foreign_key_list", "function_list",
        "index_info", "index_list", "index_xinfo", "module_list", "pragma_list", "table_info",
        "table_list", "table_xinfo",
    ]

    /// Sets the memory limit of SQLite in this process. Larger sorts go to disk, and larger rows fail.
    package static func limitMemory(bytes: Int) { sqlite3_hard_heap_limit64(Int64(bytes)) }

    /// The query for the SQL definitions of the tables and views, or of one of them.
    package static func schemaQuery(of name: String?) -> String {
        let condition =
            name.map { "name = '\($0.replacing("'", with: "''"))'" } ?? "sql IS NOT NULL"
        return "SELECT sql FROM sqlite_schema WHERE \(condition) ORDER BY type, name"
    }

    private static func explanation(_ error: DatabaseError, _ limits: Limits) -> ConsoleError {
        let message = error.message ?? "SQLite error \(error.resultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_INTERRUPT: return .late(limits.time)
        case .SQLITE_AUTH: return .writes
        case .SQLITE_ERROR where message.hasPrefix("not authorized"): return .writes
        case .SQLITE_TOOBIG: return .large(bytes: longest)
        case .SQLITE_NOMEM: return .memory
        case .SQLITE_MISUSE where message.hasPrefix("Multiple statements"): return .several
        default: return .refused(message)
        }
    }
}
