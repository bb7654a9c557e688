import Foundation

/// The spelling of what processes tell each other: one JSON value a line, numbers that are not finite as texts.
package enum JSONLine {
    /// The value, without the line's end.
    package static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            preconditionFailure("what a process tells cannot be encoded: \(error)")
        }
    }

    /// The object that a line without its end holds; nil if it is none of this type.
    package static func decode<Message: Decodable>(
        _ type: Message.Type, _ line: UnsafeRawBufferPointer
    ) -> Message? {
        guard line.first == UInt8(ascii: "{"), let base = line.baseAddress else { return nil }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return try? decoder.decode(type, from: Data(bytes: base, count: line.count))
    }
}
