/// Why a predicate cannot be evaluated.
package enum RowQueryError: Error, Hashable, CustomStringConvertible {
    /// What SQLite says about the expression, before any row is seen.
    case mistake(String, columns: [String])

    /// What SQLite says about it on these rows.
    case failed(String)

    /// It took more steps of SQLite's virtual machine than this many rows may.
    case endless(steps: Int, rows: Int)

    package var description: String {
        switch self {
        case .mistake(let message, let columns):
            "\(message); the columns are \(columns.joined(separator: ", "))"
        case .failed(let message): "\(message), for one of the rows"
        case .endless(let steps, let rows):
            "it took more than \(steps) steps on \(rows) rows: let its subqueries be the same for every row"
        }
    }
}
