import GRDB
import GRDBSQLite

/// An SQL expression over rows that are in memory. It is other people's text: it can do nothing but
/// answer, from the rows alone, always the same, and in a limited number of steps.
///
/// The rows are the table `rows`, so that a subquery may compare a row with the others.
package struct RowPredicate<Row>: Sendable {
    package let expression: String
    private let columns: [Column<Row>]

    /// Throws `RowQueryError.mistake` for what is not one expression over `columns`, with the functions of
    /// `RowFunctions`.
    package init(_ expression: String, columns: [Column<Row>]) throws(RowQueryError) {
        self.expression = expression
        self.columns = columns
        do {
            let table = try RowTable(columns)
            try table.close { database in
                // The second has no brackets that the expression might close, so it has none but its own; and
                // in the brackets of the first nothing else can end it. So it is one expression.
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

    /// Whether it is true of each row; where it is NULL it is not. Takes a copy of the rows.
    ///
    /// The limit is one of SQLite's steps, not of time, so that the same rows always end the same way: a
    /// million and a thousand a row. What one function does with one text is one step.
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
    /// What SQLite says.
    fileprivate var text: String { message ?? "SQLite error \(resultCode.rawValue)" }
}

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
