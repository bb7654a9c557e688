import GRDB

/// Typed values of a row. A damaged database, or a stranger's, may hold any type in any column, so these
/// subscripts throw; within this module they replace GRDB's, which trap.
extension Row {
    typealias Stored = DatabaseValueConvertible & StatementColumnConvertible

    subscript<Value: Stored>(name: String) -> Value {
        get throws {
            do {
                return try decode(Value.self, forColumn: name)
            } catch is RowDecodingError {
                throw Self.mismatch("column \(name)", Value.self)
            }
        }
    }

    subscript<Value: Stored>(place: Int) -> Value {
        get throws {
            do {
                return try decode(Value.self, atIndex: place)
            } catch is RowDecodingError {
                throw Self.mismatch("column \(place + 1) of a query", Value.self)
            }
        }
    }

    private static func mismatch(_ column: String, _ type: Any.Type) -> DatabaseError {
        DatabaseError(
            resultCode: .SQLITE_CORRUPT, message: "\(column) holds a value that is no \(type)")
    }
}
