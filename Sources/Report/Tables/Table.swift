import Store

/// Named columns and rows of typed values.
package struct Table: Hashable, Sendable {
    package let columns: [String]

    /// Rows with one cell per column.
    package let rows: [[SQLValue]]

    package init(columns: [String], rows: [[SQLValue]]) {
        precondition(
            rows.allSatisfy { $0.count == columns.count }, "a row has other columns than the table")
        self.columns = columns
        self.rows = rows
    }

    /// The output format of a table.
    package enum Format: String, Hashable, Sendable, CaseIterable {
        case table
        case csv
        case json
        case markdown
    }

    /// The table as text, with a line end after the last line.
    package func text(as format: Format) -> String {
        switch format {
        case .table: aligned
        case .csv: csv
        case .json: json
        case .markdown: markdown
        }
    }
}

/// A table with its title.
package struct TitledTable: Hashable, Sendable {
    package let title: String
    package let table: Table

    /// A remark on the table, or empty.
    package let note: String

    package init(title: String, table: Table, note: String = "") {
        self.title = title
        self.table = table
        self.note = note
    }

    /// The table below its title, with aligned columns, and the remark below it.
    package var text: String {
        title + "\n" + table.aligned + (note.isEmpty ? "" : note + "\n")
    }
}
