import GRDB

/// Typed values of a row. A damaged or untrusted database may contain any type in any column, so these subscripts
/// throw. In this module they replace those of GRDB, which trap.
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
            resultCode: .SQLITE_CORRUPT,
            message: "\(column) contains a value that is not of type \(type)")
    }
}
