/// The format of messages between processes: one JSON object per line, in canonical form.
package enum JSONLine {
    /// Encodes a value without a line terminator.
    package static func encode(_ value: some Encodable) -> [UInt8] {
        var bytes: [UInt8] = []
        JSONRecordEncoder.encode(value, to: &bytes, as: .canonical)
        return bytes
    }

    /// Decodes a line without its terminator; nil if it is not a valid message of the type.
    package static func decode<Message: Decodable>(
        _ type: Message.Type, _ line: UnsafeRawBufferPointer
    ) -> Message? {
        guard line.first == UInt8(ascii: "{"), String(validating: line, as: UTF8.self) != nil else {
            return nil
        }
        var decoder = JSONRecordDecoder(readsNonFinite: true)
        do {
            return try decoder.decode(type, from: line)
        } catch {
            return nil
        }
    }
}
