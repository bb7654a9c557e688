/// A column of the table that a predicate sees, with a function that returns its value for a row.
package struct Column<Row>: Sendable {
    package let name: String

    /// The SQLite type name; comparisons with values of other types convert accordingly.
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

/// The value of a column in a row: a value of SQLite without blobs, as this module does not know the store. It is not
/// nested in `Column`, because the metadata of a type inside a generic type is looked up on every use.
enum CellValue {
    case null
    case integer(Int)
    case real(Double)
    case text(String)
}
