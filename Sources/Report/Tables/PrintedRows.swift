import Store

/// Prints the rows of a table while they are read. Only a piece of the text is kept in memory.
package struct PrintedRows: ~Copyable {
    private let layout: TableLayout
    private let format: Table.Format
    private let names: [String]
    private var text: [UInt8]
    private var isEmpty = true
    private let write: ([UInt8]) throws -> Void
    private var failure: (any Error)?

    private static let piece = 1 << 16

    /// `layout` has measured the rows, unless they are printed as JSON.
    package init(
        columns: [String], layout: TableLayout, format: Table.Format,
        write: @escaping ([UInt8]) throws -> Void
    ) {
        self.write = write
        self.layout = layout
        self.format = format
        names = Table.jsonNames(columns)
        text =
            switch format {
            case .table: layout.header
            case .markdown: Array(layout.markdownHeader.utf8)
            case .json: Array("[".utf8)
            case .csv: Self.values(columns.map { .text($0) })
            }
    }

    /// Prints a row. Returns whether the next row can be printed.
    package mutating func print(_ row: [SQLValue]) -> Bool {
        switch format {
        case .table: layout.append(row, to: &text)
        case .markdown: text += Table.markdownLine(row).utf8
        case .json: text += ((isEmpty ? "\n" : ",\n") + Table.jsonLine(names, row)).utf8
        case .csv: text += Self.values(row)
        }
        isEmpty = false
        if text.count > Self.piece { flush() }
        return failure == nil
    }

    /// Prints the rest of the text. Throws the error that stopped the printing, if there was one.
    package mutating func finish() throws {
        if format == .json { text += (isEmpty ? "]\n" : "\n]\n").utf8 }
        flush()
        if let failure { throw failure }
    }

    private static func values(_ row: [SQLValue]) -> [UInt8] {
        var values = SeparatedValues()
        for cell in row { values.append(cell) }
        values.endLine()
        return values.bytes
    }

    private mutating func flush() {
        guard failure == nil else { return }
        do {
            try write(text)
        } catch {
            failure = error
        }
        text.removeAll(keepingCapacity: true)
    }
}
