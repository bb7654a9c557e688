import Glibc

/// The bytes of a text with its JSON escapes decoded: `\n` and `\u000a` become the same byte. Invalid escapes stay unchanged.
package struct JSONEscapes {
    package private(set) var bytes: [UInt8] = []
    /// The position of each byte in the text, and at the end the end of the text.
    private var places: [Int] = []

    /// `nil` if the text has no backslash.
    package init?(_ text: UnsafeRawBufferPointer) {
        guard text.contains(UInt8(ascii: "\\")) else { return nil }
        bytes.reserveCapacity(text.count)
        places.reserveCapacity(text.count + 1)
        var place = 0
        while place < text.count {
            let before = bytes.count
            let start = place
            if let (scalar, length) = Self.escape(text, place) {
                bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
                place += length
            } else {
                bytes.append(text[place])
                place += 1
            }
            places += repeatElement(start, count: bytes.count - before)
        }
        places.append(text.count)
    }

    /// The range of the text that these bytes come from.
    package func source(_ range: Range<Int>) -> Range<Int> {
        places[range.lowerBound]..<places[range.upperBound]
    }

    /// The bytes of a text with its escapes decoded.
    package static func without(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: text.count) { room, count in
            guard let target = room.baseAddress else { return }
            count = decode(text, to: target).count
        }
    }

    /// Writes the bytes of a text with its escapes decoded, which are never more than the original. `isWhole`
    /// is false if an escape was invalid.
    package static func decode(
        _ text: UnsafeRawBufferPointer, to target: UnsafeMutablePointer<UInt8>
    ) -> (count: Int, isWhole: Bool) {
        var (place, count, isWhole) = (0, 0, true)
        while let start = text.baseAddress, place < text.count {
            let rest = start + place
            let backslash = memchr(rest, Int32(UInt8(ascii: "\\")), text.count - place)
            let plain = backslash.map { rest.distance(to: UnsafeRawPointer($0)) }
            memcpy(target + count, rest, plain ?? text.count - place)
            count += plain ?? text.count - place
            guard let plain else { break }
            place += plain
            if let (scalar, length) = escape(text, place) {
                for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                    target[count] = byte
                    count += 1
                }
                place += length
            } else {
                target[count] = text[place]
                count += 1
                place += 1
                isWhole = false
            }
        }
        return (count, isWhole)
    }

    /// The scalar and length of the escape at `place`; `nil` if it is invalid, such as half a surrogate pair.
    package static func escape(
        _ text: UnsafeRawBufferPointer, _ place: Int
    ) -> (scalar: Unicode.Scalar, length: Int)? {
        guard text[place] == UInt8(ascii: "\\"), place + 1 < text.count else { return nil }
        switch text[place + 1] {
        case UInt8(ascii: "n"): return ("\n", 2)
        case UInt8(ascii: "r"): return ("\r", 2)
        case UInt8(ascii: "t"): return ("\t", 2)
        case UInt8(ascii: "b"): return ("\u{8}", 2)
        case UInt8(ascii: "f"): return ("\u{C}", 2)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return (Unicode.Scalar(text[place + 1]), 2)
        default:
            guard let unit = unit(text, place) else { return nil }
            if let scalar = Unicode.Scalar(unit) { return (scalar, 6) }
            guard UTF16.isLeadSurrogate(unit), let low = self.unit(text, place + 6),
                UTF16.isTrailSurrogate(low)
            else { return nil }
            let value = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
            return Unicode.Scalar(value).map { ($0, 12) }
        }
    }

    /// The code unit of an escape such as `\u003c` at `place`.
    static func unit(_ text: UnsafeRawBufferPointer, _ place: Int) -> UInt16? {
        guard place + 6 <= text.count, text[place] == UInt8(ascii: "\\"),
            text[place + 1] == UInt8(ascii: "u")
        else { return nil }
        var number: UInt16 = 0
        for index in (place + 2)..<(place + 6) {
            let byte = text[index]
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: return nil
            }
            number = number << 4 | UInt16(digit)
        }
        return number
    }
}
