/// Decodes records from JSON texts. It is faster than Foundation's decoder, and its errors name the field.
package struct JSONRecordDecoder {
    private let valueLimit: Int

    /// Whether the strings `inf`, `-inf` and `nan` are numbers too.
    private let readsNonFinite: Bool

    /// The number of parts of the last text, as an estimate for the next.
    private var parts = 0

    package init(values: Int = JSONTape.valueLimit, readsNonFinite: Bool = false) {
        valueLimit = values
        self.readsNonFinite = readsNonFinite
    }

    /// Decodes the record in `text`, which must be valid UTF-8. Throws a `JSONMistake` if it is not valid JSON,
    /// a `JSONMismatch` if it does not match the type, and rethrows errors of the type.
    package mutating func decode<Record: Decodable>(
        _ type: Record.Type, from text: UnsafeRawBufferPointer
    ) throws -> Record {
        let tape = try JSONTape(text, values: valueLimit, expecting: parts)
        parts = tape.nodes.count
        return try JSONPartDecoder(tape: tape, node: 0, readsNonFinite: readsNonFinite).decode(type)
    }

    /// Decodes the record in `text`, and throws likewise.
    package mutating func decode<Record: Decodable>(
        _ type: Record.Type, from text: String
    ) throws -> Record {
        var text = text
        return try text.withUTF8 { try decode(type, from: UnsafeRawBufferPointer($0)) }
    }
}
