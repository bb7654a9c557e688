import GRDB

/// The store at one moment, whatever other processes write meanwhile.
package struct Snapshot {
    let database: Database

    /// The rows that `sql` gives, whose parameters have names. A value has a field for each column that it needs.
    package func rows<Value: Decodable>(
        _ sql: String, _ arguments: [String: Int64]
    ) throws -> [Value] {
        do {
            return try Row.fetchAll(database, sql: sql, arguments: StatementArguments(arguments))
                .map { try Decoded(row: $0).value }
        } catch is RowDecodingError {
            throw DatabaseError(
                resultCode: .SQLITE_CORRUPT,
                message: "a row of a query holds a value that \(Value.self) cannot have")
        }
    }
}

/// A row as GRDB decodes it.
private struct Decoded<Value: Decodable>: Decodable, FetchableRecord {
    let value: Value

    init(from decoder: any Decoder) throws { value = try Value(from: decoder) }
}

extension Store {
    /// Runs `body`, which reads all that belongs together.
    package func snapshot<Result>(_ body: (Snapshot) throws -> Result) throws -> Result {
        try read { try body(Snapshot(database: $0)) }
    }
}
