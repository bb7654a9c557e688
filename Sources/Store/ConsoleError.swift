/// Why a query has no answer.
package enum ConsoleError: Error, Hashable, CustomStringConvertible {
    /// It would change something or reach for other files.
    case writes

    /// More than one statement.
    case several

    /// It ran out of time.
    case late(Duration)

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
        case .refused(let message): "the query failed: \(message)"
        }
    }
}
