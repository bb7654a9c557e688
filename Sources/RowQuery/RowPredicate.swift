import GRDB
import GRDBSQLite

/// An SQL expression over rows in memory. The text is untrusted: it can only compute a result, from the rows
/// alone, deterministically, and in a limited number of steps.
///
/// The rows are the table `rows`, so that a subquery can compare a row with others.
package struct RowPredicate<Row>: Sendable {
    package let expression: String
    private let columns: [Column<Row>]

    /// Throws `RowQueryError.mistake` unless the text is a single expression over `columns` with functions of
    /// `RowFunctions`.
    package init(_ expression: String, columns: [Column<Row>]) throws(RowQueryError) {
        self.expression = expression
        self.columns = columns
        do {
            let table = try RowTable(columns)
            try table.close { database in
                // The second form has no parentheses that the expression could close, and the parentheses of
                // the first form cannot be closed otherwise. So an expression that is valid in both is a single
                // one.
                for condition in ["(\(expression)\n)", "CASE WHEN \(expression)\n THEN 1 END"] {
                    let statement = try database.makeStatement(
                        sql: "SELECT rowid FROM rows WHERE \(condition)")
                    guard sqlite3_bind_parameter_count(statement.sqliteStatement) == 0 else {
                        throw DatabaseError(message: "parameters have no values here")
                    }
                }
            }
        } catch let error as DatabaseError {
            throw .mistake(error.text, columns: columns.map(\.name))
        } catch {
            throw .mistake(String(describing: error), columns: columns.map(\.name))
        }
    }

    /// Whether the expression is true for each row, [rows]; NULL counts as false. Copies the rows.
    ///
    /// The limit is a number of SQLite steps and not a time, so that the result is deterministic: one million,
    /// and a thousand per row. A function call is one step, whatever the size of its arguments.
    package func matches(_ rows: [Row]) throws(RowQueryError) -> [Bool] {
        let limit = 1_000_000 + 1000 * rows.count
        var matches = [Bool](repeating: false, count: rows.count)
        do {
            let table = try RowTable(columns)
            try table.insert(rows)
            try table.close { database in
                let statement = try database.makeStatement(
                    sql: "SELECT rowid FROM rows WHERE (\(expression)\n)")
                try table.run(statement, on: database, steps: limit) { matches[$0] = true }
            }
        } catch let error as DatabaseError {
            throw error.resultCode == .SQLITE_INTERRUPT
                ? .endless(steps: limit, rows: rows.count) : .failed(error.text)
        } catch {
            throw .failed(String(describing: error))
        }
        return matches
    }
}

extension DatabaseError {
    /// The message of SQLite.
    fileprivate var text: String { message ?? "SQLite error \(resultCode.rawValue)" }
}

/// Why a predicate cannot be evaluated.
package enum RowQueryError: Error, Hashable, CustomStringConvertible {
    /// SQLite rejects the expression.
    case mistake(String, columns: [String])

    /// SQLite fails on these rows.
    case failed(String)

    /// The evaluation exceeds the limit of steps for this number of rows.
    case endless(steps: Int, rows: Int)

    package var description: String {
        switch self {
        case .mistake(let message, let columns):
            "\(message); the columns are \(columns.joined(separator: ", "))"
        case .failed(let message): "\(message), for one of the rows"
        case .endless(let steps, let rows):
            "it took more than \(steps) steps on \(rows) rows: use subqueries that do not depend on the row"
        }
    }
}
