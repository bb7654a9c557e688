/// Bytes without JSON's escapes, however a writer chose them: `\n` and `\u000a` are one byte. What is no escape
/// stays as it is.
struct JSONEscapes {
    private(set) var bytes: [UInt8] = []
    /// Where each byte stands in the text, and at the end where that ends.
    private var places: [Int] = []

    /// `nil` for a text without a backslash.
    init?(_ text: UnsafeRawBufferPointer) {
        guard text.contains(UInt8(ascii: "\\")) else { return nil }
        bytes.reserveCapacity(text.count)
        places.reserveCapacity(text.count + 1)
        var place = 0
        while place < text.count {
            let (decoded, length) = Self.escape(text, place) ?? ([text[place]], 1)
            bytes += decoded
            places += repeatElement(place, count: decoded.count)
            place += length
        }
        places.append(text.count)
    }

    /// The bytes of the text that these come from.
    func source(_ range: Range<Int>) -> Range<Int> {
        places[range.lowerBound]..<places[range.upperBound]
    }

    /// What an escape at a place stands for, and its length.
    private static func escape(
        _ text: UnsafeRawBufferPointer, _ place: Int
    ) -> (bytes: [UInt8], length: Int)? {
        guard text[place] == UInt8(ascii: "\\"), place + 1 < text.count else { return nil }
        switch text[place + 1] {
        case UInt8(ascii: "n"): return ([10], 2)
        case UInt8(ascii: "r"): return ([13], 2)
        case UInt8(ascii: "t"): return ([9], 2)
        case UInt8(ascii: "b"): return ([8], 2)
        case UInt8(ascii: "f"): return ([12], 2)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return ([text[place + 1]], 2)
        case UInt8(ascii: "u"): return number(text, place)
        default: return nil
        }
    }

    private static func number(
        _ text: UnsafeRawBufferPointer, _ place: Int
    ) -> (bytes: [UInt8], length: Int)? {
        guard let unit = unit(text, place) else { return nil }
        if let scalar = Unicode.Scalar(unit) { return (Array(String(scalar).utf8), 6) }
        guard let next = self.unit(text, place + 6), UTF16.isLeadSurrogate(unit),
            UTF16.isTrailSurrogate(next)
        else { return nil }
        let text = String(decoding: [unit, next], as: UTF16.self)
        return (Array(text.utf8), 12)
    }

    /// The number of an escape such as `\u003c` at a place.
    private static func unit(_ text: UnsafeRawBufferPointer, _ place: Int) -> UInt16? {
        guard place + 6 <= text.count, text[place] == UInt8(ascii: "\\"),
            text[place + 1] == UInt8(ascii: "u")
        else { return nil }
        var number: UInt16 = 0
        for digit in text[(place + 2)..<(place + 6)] {
            guard let value = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
            number = number << 4 | UInt16(value)
        }
        return number
    }
}
