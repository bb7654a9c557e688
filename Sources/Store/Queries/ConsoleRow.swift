import GRDB
import GRDBSQLite

/// The current row of a result, without copies.
package struct ConsoleRow: ~Copyable {
    private let statement: OpaquePointer

    init(_ statement: OpaquePointer) { self.statement = statement }

    /// The value of a column, counting from 0. Its bytes are valid until the next row.
    package func value(_ column: Int) -> SQLValue.Borrowed {
        let column = Int32(column)
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(statement, column))
        case SQLITE_TEXT:
            let start = sqlite3_column_text(statement, column)
            return .text(
                UnsafeRawBufferPointer(
                    start: start, count: Int(sqlite3_column_bytes(statement, column))))
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(statement, column)
            return .blob(
                UnsafeRawBufferPointer(
                    start: start, count: Int(sqlite3_column_bytes(statement, column))))
        default: return .null
        }
    }

    /// The total size of all values, as counted by the limits.
    func size(columns: Int) -> Int {
        (0..<columns).reduce(0) { size, column in
            switch value(column) {
            case .null, .integer, .real: size + 8
            case .text(let bytes), .blob(let bytes): size + bytes.count
            }
        }
    }
}
