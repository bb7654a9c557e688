import Foundation
import GRDB
import GRDBSQLite

/// A compiled statement for use in loops. It avoids the argument lists of GRDB, which cost more than inserting a row.
/// Parameters count from 1.
struct RawStatement {
    /// Owns the statement of `pointer`.
    private let statement: Statement
    private let pointer: OpaquePointer
    private let connection: OpaquePointer?

    init(_ database: Database, _ sql: String) throws {
        self.init(try database.cachedStatement(sql: sql), database)
    }

    /// Wraps a statement of `database`; bindings are kept.
    init(_ statement: Statement, _ database: Database) {
        self.statement = statement
        pointer = statement.sqliteStatement
        connection = database.sqliteConnection
    }

    /// The names of the parameters without their colons; the first one belongs to parameter 1.
    var parameters: [String] {
        (1..<sqlite3_bind_parameter_count(pointer) + 1).map { index in
            sqlite3_bind_parameter_name(pointer, index).map { String(cString: $0 + 1) } ?? ""
        }
    }

    func bind(_ parameter: Int32, _ integer: Int64) {
        sqlite3_bind_int64(pointer, parameter, integer)
    }

    func bind(_ parameter: Int32, _ number: Double) {
        sqlite3_bind_double(pointer, parameter, number)
    }

    /// Binds UTF-8 text, which must stay valid until the statement has run.
    func bind(_ parameter: Int32, _ text: UnsafeRawBufferPointer) {
        sqlite3_bind_text64(
            pointer, parameter, text.baseAddress?.assumingMemoryBound(to: CChar.self),
            UInt64(text.count), nil, UInt8(SQLITE_UTF8))
    }

    func bindNull(_ parameter: Int32) {
        sqlite3_bind_null(pointer, parameter)
    }

    /// Binds a copy of `text`.
    func bind(_ parameter: Int32, copy text: String) {
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        sqlite3_bind_text(pointer, parameter, text, Int32(text.utf8.count), transient)
    }

    /// Runs the statement. It may be bound and run again.
    func run() throws { try each { _ in false } }

    /// Calls `body` with each row of the result until it returns false.
    func each(_ body: (borrowing ConsoleRow) -> Bool) throws {
        let row = ConsoleRow(pointer)
        while true {
            let code = sqlite3_step(pointer)
            if code == SQLITE_ROW, body(row) { continue }
            guard code != SQLITE_DONE, code != SQLITE_ROW else {
                sqlite3_reset(pointer)
                return
            }
            let error = DatabaseError(
                resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
                message: sqlite3_errmsg(connection).map { String(cString: $0) })
            sqlite3_reset(pointer)
            throw error
        }
    }
}

extension Database {
    /// Runs a statement that is compiled once per connection, for fixed SQL that runs for every stage.
    func executeCached(
        sql: String, arguments: StatementArguments = StatementArguments()
    ) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
