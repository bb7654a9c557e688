import GRDB
import GRDBSQLite

/// Rows as the table `rows` of an in-memory database.
struct RowTable<Row> {
    private let queue: DatabaseQueue
    private let columns: [Column<Row>]

    init(_ columns: [Column<Row>]) throws {
        self.columns = columns
        queue = try DatabaseQueue()
        let definitions = columns.map { "\"\($0.name)\" \($0.type)" }.joined(separator: ", ")
        try queue.writeWithoutTransaction {
            try $0.execute(sql: "CREATE TABLE rows (\(definitions)) STRICT")
        }
    }

    /// Inserts the rows with row ids from 1.
    func insert(_ rows: [Row]) throws {
        try queue.write { database in
            let places = columns.map { _ in "?" }.joined(separator: ", ")
            // Bind values directly, because argument lists of GRDB cost more than the insertion.
            let statement = try database.makeStatement(sql: "INSERT INTO rows VALUES (\(places))")
            let values = columns.map(\.value)
            for row in rows {
                for index in values.indices {
                    let code = values[index](row).bind(
                        to: statement.sqliteStatement, at: Int32(index + 1))
                    guard code == SQLITE_OK else { throw database.lastError }
                }
                guard sqlite3_step(statement.sqliteStatement) == SQLITE_DONE else {
                    throw database.lastError
                }
                sqlite3_reset(statement.sqliteStatement)
            }
        }
    }

    /// Calls `body` to compile and run untrusted SQL: only `rows` can be read, only listed functions can be
    /// used, and nothing can be changed.
    func close(_ body: (Database) throws -> Void) throws {
        try queue.writeWithoutTransaction { database in
            let connection = database.sqliteConnection
            sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, 64 << 20)
            sqlite3_limit(connection, SQLITE_LIMIT_SQL_LENGTH, 1 << 20)
            sqlite3_limit(connection, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000)
            // GRDB uses the authorizer of the connection itself, but this one takes precedence.
            sqlite3_set_authorizer(
                connection,
                { _, action, first, second, _, _ in
                    func name(_ text: UnsafePointer<CChar>?) -> String {
                        text.map { String(cString: $0).lowercased() } ?? ""
                    }
                    return switch action {
                    case SQLITE_SELECT, SQLITE_RECURSIVE: SQLITE_OK
                    // A read without a column counts rows, also those of a subquery.
                    case SQLITE_READ where name(first) == "rows" || name(second).isEmpty: SQLITE_OK
                    case SQLITE_FUNCTION where RowFunctions.all.contains(name(second)): SQLITE_OK
                    default: SQLITE_DENY
                    }
                }, nil)
            try body(database)
        }
    }

    /// Calls `body` with the index of each row that `statement` returns. Throws an error with the code
    /// `SQLITE_INTERRUPT` after `steps` steps.
    func run(
        _ statement: Statement, on database: Database, steps: Int, _ body: (Int) -> Void
    ) throws {
        let period = 1000
        var periods = steps / period
        try withUnsafeMutablePointer(to: &periods) { left in
            sqlite3_progress_handler(
                database.sqliteConnection, Int32(period),
                { context in
                    guard let left = context?.assumingMemoryBound(to: Int.self) else { return 1 }
                    left.pointee -= 1
                    return left.pointee < 0 ? 1 : 0
                }, left)
            defer { sqlite3_progress_handler(database.sqliteConnection, 0, nil, nil) }
            while true {
                switch sqlite3_step(statement.sqliteStatement) {
                case SQLITE_ROW: body(Int(sqlite3_column_int64(statement.sqliteStatement, 0)) - 1)
                case SQLITE_DONE: return
                default: throw database.lastError
                }
            }
        }
    }
}

extension CellValue {
    /// Binds a copy of the value.
    fileprivate func bind(to statement: OpaquePointer, at parameter: Int32) -> Int32 {
        switch self {
        case .null: return sqlite3_bind_null(statement, parameter)
        case .integer(let integer):
            return sqlite3_bind_int64(statement, parameter, Int64(integer))
        case .real(let number): return sqlite3_bind_double(statement, parameter, number)
        case .text(var text):
            let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            return text.withUTF8 {
                sqlite3_bind_text64(
                    statement, parameter,
                    UnsafeRawPointer($0.baseAddress)?.assumingMemoryBound(to: CChar.self),
                    UInt64($0.count), transient, UInt8(SQLITE_UTF8))
            }
        }
    }
}

extension Database {
    fileprivate var lastError: DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(sqliteConnection)),
            message: sqlite3_errmsg(sqliteConnection).map { String(cString: $0) })
    }
}

/// The SQLite functions that an expression may use: those whose result depends on their arguments alone.
/// Excluded are functions that return the time or random numbers, count changes or load extensions, and
/// functions of later versions of SQLite.
enum RowFunctions {
    static let all: Set<String> = [
        // Texts.
        "char", "format", "glob", "hex", "instr", "length", "like", "lower", "ltrim", "printf",
        "replace", "rtrim", "substr", "substring", "trim", "unicode", "upper",
        // Numbers.
        "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "ceiling", "cos",
        "cosh", "degrees", "exp", "floor", "ln", "log", "log10", "log2", "mod", "pi", "pow",
        "power", "radians", "round", "sign", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
        // Any values.
        "coalesce", "ifnull", "iif", "max", "min", "nullif", "typeof",
        // JSON.
        "->", "->>", "json_array_length", "json_extract", "json_type", "json_valid",
        // Aggregates and window functions, in subqueries.
        "avg", "count", "dense_rank", "ntile", "percent_rank", "rank", "row_number", "sum", "total",
    ]
}
