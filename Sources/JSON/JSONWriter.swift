/// The bytes of JSON text, without blanks, part by part.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    private let escapes: Escapes
    private let spellsInfinities: Bool

    /// Which characters of strings are escaped beyond those that must be.
    package struct Escapes: OptionSet, Sendable {
        package let rawValue: Int

        package init(rawValue: Int) { self.rawValue = rawValue }

        /// Line feeds, carriage returns and tabulators are `\n`, `\r` and `\t`, and not their numbers.
        package static let short = Escapes(rawValue: 1)

        /// Line ends of Unicode, at which programs such as Python's `splitlines` end lines.
        package static let lineEnds = Escapes(rawValue: 2)
    }

    /// Infinite numbers are the strings `inf` and `-inf` if they are to be spelled, else null.
    package init(escapes: Escapes = .short, spellsInfinities: Bool = false) {
        self.escapes = escapes
        self.spellsInfinities = spellsInfinities
    }

    /// The JSON string that is `text`.
    package static func quote(_ text: String, escapes: Escapes = .short) -> String {
        var writer = JSONWriter(escapes: escapes)
        writer.quote(text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Text of JSON that is made already.
    package mutating func append(_ json: String) { bytes += json.utf8 }

    package mutating func append(_ byte: UInt8) { bytes.append(byte) }

    package mutating func append(_ flag: Bool) { append(flag ? "true" : "false") }

    /// A number; what is none becomes `null`.
    package mutating func append(_ number: some BinaryFloatingPoint & CustomStringConvertible) {
        if number.isFinite { return append(number.description) }
        append(spellsInfinities && !number.isNaN ? "\"\(number)\"" : "null")
    }

    /// A comma, unless the list or object at the end has nothing yet.
    package mutating func separate() {
        if bytes.last != UInt8(ascii: "["), bytes.last != UInt8(ascii: "{") {
            bytes.append(UInt8(ascii: ","))
        }
    }

    package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    private static let hexadecimal = Array("0123456789abcdef".utf8)

    /// A string.
    package mutating func quote(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { text in
            let hasLineEnds = escapes.contains(.lineEnds)
            var (plain, place) = (0, 0)
            while place < text.count {
                let byte = text[place]
                // Whether an escape may begin here.
                let isSpecial =
                    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                    || (hasLineEnds && (byte == 0xC2 || byte == 0xE2))
                if isSpecial, let (escape, length) = escape(text, place) {
                    bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[plain..<place]))
                    bytes.append(contentsOf: escape)
                    place += length
                    plain = place
                } else {
                    place += 1
                }
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[plain...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The escape of a character, and the character's length, if it must have one.
    private func escape(
        _ text: UnsafeBufferPointer<UInt8>, _ place: Int
    ) -> (escape: [UInt8], length: Int)? {
        let byte = text[place]
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return ([UInt8(ascii: "\\"), byte], 1)
        case 0xC2: return text[place + 1] == 0x85 ? (Array(#"\u0085"#.utf8), 2) : nil
        case 0xE2:
            guard text[place + 1] == 0x80 else { return nil }
            switch text[place + 2] {
            case 0xA8: return (Array(#"\u2028"#.utf8), 3)
            case 0xA9: return (Array(#"\u2029"#.utf8), 3)
            default: return nil
            }
        case 10 where escapes.contains(.short): return (Array(#"\n"#.utf8), 1)
        case 13 where escapes.contains(.short): return (Array(#"\r"#.utf8), 1)
        case 9 where escapes.contains(.short): return (Array(#"\t"#.utf8), 1)
        default:
            let digits = [Self.hexadecimal[Int(byte >> 4)], Self.hexadecimal[Int(byte & 15)]]
            return (Array(#"\u00"#.utf8) + digits, 1)
        }
    }
}
