import Pipeline
import RowQuery

private let condition = Option<String?>("where", "An SQL expression.")

/// The option `where` of a filter, or another one: an SQL expression. Rows for which it is true are kept.
struct RowFilter<Row> {
    private let predicate: RowPredicate<Row>?

    /// The name of the option.
    private let name: String

    /// The option, with the names of the columns that the expression may use, and of those that require an
    /// optional input.
    static func option(
        _ columns: [Column<Row>], and more: [Column<Row>] = [], with input: String = ""
    ) -> any OptionDeclaration {
        func list(_ columns: [Column<Row>]) -> String {
            columns.map(\.name).joined(separator: ", ")
        }
        let others = more.isEmpty ? "" : " and, with `\(input)`, \(list(more))"
        return condition.documented(
            "An SQL expression over \(list(columns))\(others); rows for which it is true are kept.")
    }

    /// The filter by `option`, by default `where`. Throws unless the expression is valid over `columns`.
    init(
        _ options: Options, _ option: Option<String?>? = nil, columns: [Column<Row>]
    ) throws(OptionMistake) {
        let option = option ?? condition
        name = option.name
        guard let expression = options[option] else {
            predicate = nil
            return
        }
        do {
            predicate = try RowPredicate(expression, columns: columns)
        } catch {
            throw .badPredicate(error, option: name)
        }
    }

    /// For each row, why it is left out; `nil` if it is kept.
    func reasons(_ rows: [Row]) throws(OptionMistake) -> [String?] {
        guard let predicate else { return rows.map { _ in nil } }
        do {
            return try predicate.matches(rows).map { $0 ? nil : "\(name): \(predicate.expression)" }
        } catch {
            throw .badPredicate(error, option: name)
        }
    }
}
