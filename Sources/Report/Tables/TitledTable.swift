/// A table and what it is about.
package struct TitledTable: Hashable, Sendable {
    package let title: String
    package let table: Table

    package init(title: String, table: Table) {
        self.title = title
        self.table = table
    }

    /// The table under its title, columns aligned.
    package var text: String { title + "\n" + table.aligned }
}
