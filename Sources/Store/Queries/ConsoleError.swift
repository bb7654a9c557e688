/// Why a query has no answer.
package enum ConsoleError: Error, Hashable, CustomStringConvertible {
    /// It would change something or reach for other files.
    case writes

    /// More than one statement.
    case several

    /// It ran out of time.
    case late(Duration)

    /// A row, or a value, is larger than the limit.
    case large(bytes: Int)

    /// It needs more memory than there is for it.
    case memory

    /// What SQLite says.
    case refused(String)

    package var description: String {
        switch self {
        case .writes:
            "the query is not allowed: the console only reads; use SELECT, WITH or EXPLAIN"
        case .several: "more than one statement: run them one at a time"
        case .late(let time):
            "the query took longer than \(time.formatted(.units(width: .wide)));"
                + " narrow it, or allow more time"
        case .large(let bytes):
            "the query gives a row, or uses a value, of more than \(bytes) bytes; take parts with substr, or fewer"
                + " columns"
        case .memory: "the query needs more memory than it may take; narrow it"
        case .refused(let message): "the query failed: \(message)"
        }
    }
}
