import Foundation

/// The format of messages between processes: one JSON value per line, with non-finite numbers as texts.
package enum JSONLine {
    /// Encodes a value without a line terminator.
    package static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            preconditionFailure("a message cannot be encoded: \(error)")
        }
    }

    /// Decodes a line without its terminator; nil if it is not a valid message of the type.
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
