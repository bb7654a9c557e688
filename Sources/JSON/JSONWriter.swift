/// Writes JSON text without blanks, part by part.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    private let escapes: Escapes
    private let numbers: Numbers

    /// The characters of strings that are escaped in addition to the required ones.
    package struct Escapes: OptionSet, Sendable {
        package let rawValue: Int

        package init(rawValue: Int) { self.rawValue = rawValue }

        /// Escapes line feeds, carriage returns and tabs as `\n`, `\r` and `\t` and not by number.
        package static let short = Escapes(rawValue: 1)

        /// Escapes Unicode line separators, at which programs such as Python's `splitlines` split lines.
        package static let lineEnds = Escapes(rawValue: 2)

        /// Escapes backspaces and form feeds as `\b` and `\f` and not by number.
        package static let rare = Escapes(rawValue: 4)
    }

    /// The spelling of floating-point numbers. Without options, whole ones end in `.0`, and non-finite ones are `null`.
    package struct Numbers: OptionSet, Sendable {
        package let rawValue: Int

        package init(rawValue: Int) { self.rawValue = rawValue }

        /// Infinite numbers are the strings `inf` and `-inf`.
        package static let infinities = Numbers(rawValue: 1)

        /// What is not a number is the string `nan`.
        package static let nan = Numbers(rawValue: 2)

        /// Whole numbers are written as integers.
        package static let whole = Numbers(rawValue: 4)
    }

    package init(escapes: Escapes = .short, numbers: Numbers = []) {
        self.escapes = escapes
        self.numbers = numbers
    }

    /// `text` as a JSON string.
    package static func quote(_ text: String, escapes: Escapes = .short) -> String {
        var writer = JSONWriter(escapes: escapes)
        writer.quote(text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Appends JSON text.
    package mutating func append(_ json: String) { bytes += json.utf8 }

    package mutating func append(_ byte: UInt8) { bytes.append(byte) }

    package mutating func append(_ flag: Bool) { append(flag ? "true" : "false") }

    /// Appends a number.
    package mutating func append(_ number: some BinaryFloatingPoint & CustomStringConvertible) {
        let text = number.description
        guard number.isFinite else {
            return append(
                numbers.contains(number.isNaN ? .nan : .infinities) ? "\"\(text)\"" : "null")
        }
        append(text)
        if numbers.contains(.whole), text.hasSuffix(".0") { bytes.removeLast(2) }
    }

    /// Appends a comma, unless the current list or object is empty.
    package mutating func separate() {
        if bytes.last != UInt8(ascii: "["), bytes.last != UInt8(ascii: "{") {
            bytes.append(UInt8(ascii: ","))
        }
    }

    /// Sorts the members of the object that was written last by the bytes of their names. `members` are the names
    /// with the offsets at which they begin.
    mutating func sort(_ members: [(name: String, start: Int)]) {
        guard let first = members.first?.start else { return }
        let ends = members.dropFirst().map { $0.start - 1 } + [bytes.count]
        let sorted = zip(members, ends).sorted {
            $0.0.name.utf8.lexicographicallyPrecedes($1.0.name.utf8)
        }
        let texts = sorted.map { member, end in bytes[member.start..<end] }
        bytes.replaceSubrange(
            first..., with: Array(texts.joined(separator: CollectionOfOne(UInt8(ascii: ",")))))
    }

    package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    private static let hexadecimal = Array("0123456789abcdef".utf8)

    /// Appends a string.
    package mutating func quote(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { text in
            let hasLineEnds = escapes.contains(.lineEnds)
            var (plain, place) = (0, 0)
            while place < text.count {
                let byte = text[place]
                // Whether an escape may be required here.
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

    /// The escape of a character and the length of the character; `nil` if it needs no escape.
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
        case 8 where escapes.contains(.rare): return (Array(#"\b"#.utf8), 1)
        case 12 where escapes.contains(.rare): return (Array(#"\f"#.utf8), 1)
        default:
            let digits = [Self.hexadecimal[Int(byte >> 4)], Self.hexadecimal[Int(byte & 15)]]
            return (Array(#"\u00"#.utf8) + digits, 1)
        }
    }
}
