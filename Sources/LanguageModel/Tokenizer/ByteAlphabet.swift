/// The byte alphabet of GPT-2, which writes bytes as visible characters. Printable Latin-1 characters represent
/// themselves, and the other 68 bytes are mapped to U+0100 onwards, so that a blank is `Ġ`.
enum ByteAlphabet {
    /// The scalar of each byte.
    static let scalars: [UInt32] = {
        var scalars = [UInt32](repeating: 0, count: 256)
        var next: UInt32 = 0x100
        for byte in 0..<256 {
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: scalars[byte] = UInt32(byte)
            default:
                scalars[byte] = next
                next += 1
            }
        }
        return scalars
    }()

    /// The byte of each scalar below U+0144; 256 if it represents none.
    private static let bytes: [UInt16] = {
        var bytes = [UInt16](repeating: 256, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar)] = UInt16(byte) }
        return bytes
    }()

    /// The bytes spelled in the alphabet, as UTF-8.
    static func spelling(of bytes: some Sequence<UInt8>) -> [UInt8] {
        var spelling: [UInt8] = []
        for byte in bytes {
            let scalar = scalars[Int(byte)]
            if scalar < 0x80 {
                spelling.append(UInt8(scalar))
            } else {
                spelling.append(UInt8(0xC0 | scalar >> 6))
                spelling.append(UInt8(0x80 | scalar & 0x3F))
            }
        }
        return spelling
    }

    /// Appends the bytes that a token represents. If one of its characters is outside the alphabet, these are
    /// its own UTF-8 bytes.
    static func append(_ token: ArraySlice<UInt8>, to output: inout [UInt8]) {
        let start = output.count
        var index = token.startIndex
        while index < token.endIndex {
            var scalar = Int(token[index])
            index += 1
            if scalar >= 0xC0, scalar < 0xE0, index < token.endIndex {
                scalar = (scalar & 0x1F) << 6 | Int(token[index] & 0x3F)
                index += 1
            } else if scalar >= 0x80 {
                scalar = bytes.count
            }
            guard scalar < bytes.count, bytes[scalar] < 256 else {
                output.removeSubrange(start...)
                output.append(contentsOf: token)
                return
            }
            output.append(UInt8(bytes[scalar]))
        }
    }
}
