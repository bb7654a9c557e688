/// A column of the table that a predicate sees, and where a row's value comes from.
package struct Column<Row>: Sendable {
    package let name: String

    /// As SQLite names it; comparisons with a value of another type convert by it.
    let type: String
    let value: @Sendable (Row) -> CellValue

    package static func integer(
        _ name: String, _ value: @escaping @Sendable (Row) -> Int?
    ) -> Column {
        Column(name: name, type: "INTEGER") { value($0).map(CellValue.integer) ?? .null }
    }

    package static func real(
        _ name: String, _ value: @escaping @Sendable (Row) -> Double?
    ) -> Column {
        Column(name: name, type: "REAL") { value($0).map(CellValue.real) ?? .null }
    }

    package static func text(
        _ name: String, _ value: @escaping @Sendable (Row) -> String?
    ) -> Column {
        Column(name: name, type: "TEXT") { value($0).map(CellValue.text) ?? .null }
    }
}

/// What stands in one column of one row: a value of SQLite without bytes, in a module that knows no store. Not part of `Column`, for a type inside a generic one is looked up
/// at every use.
enum CellValue {
    case null
    case integer(Int)
    case real(Double)
    case text(String)
}
