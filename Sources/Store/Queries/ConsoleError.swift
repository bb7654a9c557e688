/// The reason why a query failed.
package enum ConsoleError: Error, Hashable, CustomStringConvertible {
    /// The query would modify the database or access other files.
    case writes

    /// There is more than one statement.
    case several

    /// The query exceeded its time limit.
    case late(Duration)

    /// A row or a value is larger than the limit.
    case large(bytes: Int)

    /// The query exceeded its memory limit.
    case memory

    /// The error message of SQLite.
    case refused(String)

    package var description: String {
        switch self {
        case .writes:
            "the query is not allowed: the console is read-only; use SELECT, WITH or EXPLAIN"
        case .several: "more than one statement: run them one at a time"
        case .late(let time):
            "the query took longer than \(time.formatted(.units(width: .wide)));"
                + " narrow it, or raise the time limit"
        case .large(let bytes):
            "the query returns a row, or uses a value, of more than \(bytes) bytes; select fewer "
                + "columns, or parts of values with substr"
        case .memory: "the query exceeds its memory limit; narrow it"
        case .refused(let message): "the query failed: \(message)"
        }
    }
}
