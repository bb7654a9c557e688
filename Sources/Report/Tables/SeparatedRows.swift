import Store

/// Prints rows as comma-separated values while they are read. Only a piece of the text is kept in memory.
package struct SeparatedRows: ~Copyable {
    private var values = SeparatedValues()
    private let write: ([UInt8]) throws -> Void
    private var failure: (any Error)?

    private static let piece = 1 << 16

    package init(write: @escaping ([UInt8]) throws -> Void) { self.write = write }

    package mutating func printHeader(_ columns: [String]) {
        for column in columns { values.append(column) }
        values.endLine()
    }

    /// Prints a row of `columns` values after some texts. Returns whether the next row can be printed.
    package mutating func print(
        after texts: [String] = [], _ row: borrowing ConsoleRow, columns: Int
    ) -> Bool {
        for text in texts { values.append(text) }
        for column in 0..<columns {
            switch row.value(column) {
            case .null: values.appendNull()
            case .integer(let integer): values.append(integer)
            case .real(let number): values.append(number)
            case .text(let bytes): values.append(bytes)
            case .blob(let bytes): values.append(SQLValue.text(ofBytes: bytes.count))
            }
        }
        values.endLine()
        if values.bytes.count > Self.piece { flush() }
        return failure == nil
    }

    /// Prints the rest of the text. Throws the error that stopped the printing, if there was one.
    package mutating func finish() throws {
        flush()
        if let failure { throw failure }
    }

    private mutating func flush() {
        guard failure == nil else { return }
        do {
            try write(values.bytes)
        } catch {
            failure = error
        }
        values.clear()
    }
}
