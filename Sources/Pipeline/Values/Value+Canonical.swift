extension Value {
    /// Reads a canonical spelling back, about twenty times as fast as JSON in general; `nil` for what is none.
    /// Other JSON is read as well, as long as nothing is nested more than 64 levels deep.
    package init?(canonical text: String) {
        var text = text
        let value = text.withUTF8 { bytes -> Value? in
            var reader = CanonicalReader(bytes: bytes)
            guard let value = reader.value(depth: 0) else { return nil }
            reader.skipBlanks()
            return reader.isAtEnd ? value : nil
        }
        guard let value else { return nil }
        self = value
    }
}

/// Reads JSON from its bytes, from left to right.
private struct CanonicalReader {
    let bytes: UnsafeBufferPointer<UInt8>
    var place = 0

    var isAtEnd: Bool { place == bytes.count }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    mutating func skipBlanks() {
        while let byte = next, byte == 32 || byte == 9 || byte == 10 || byte == 13 { place += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipBlanks()
        guard next == byte else { return false }
        place += 1
        return true
    }

    mutating func value(depth: Int) -> Value? {
        skipBlanks()
        guard depth < 64, let first = next else { return nil }
        switch first {
        case UInt8(ascii: "{"): return table(depth: depth)
        case UInt8(ascii: "["): return list(depth: depth)
        case UInt8(ascii: "\""): return text().map { .text($0) }
        case UInt8(ascii: "t"): return word("true", .flag(true))
        case UInt8(ascii: "f"): return word("false", .flag(false))
        case UInt8(ascii: "n"): return word("null", .null)
        default: return number()
        }
    }

    private mutating func word(_ spelling: StaticString, _ value: Value) -> Value? {
        let count = spelling.utf8CodeUnitCount
        guard place + count <= bytes.count else { return nil }
        for offset in 0..<count where bytes[place + offset] != spelling.utf8Start[offset] {
            return nil
        }
        place += count
        return value
    }

    private mutating func table(depth: Int) -> Value? {
        place += 1
        var table = [String: Value]()
        if take(UInt8(ascii: "}")) { return .table(table) }
        repeat {
            skipBlanks()
            guard let key = text(), take(UInt8(ascii: ":")), let value = value(depth: depth + 1)
            else { return nil }
            table[key] = value
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "}")) ? .table(table) : nil
    }

    private mutating func list(depth: Int) -> Value? {
        place += 1
        var list = [Value]()
        if take(UInt8(ascii: "]")) { return .list(list) }
        repeat {
            guard let value = value(depth: depth + 1) else { return nil }
            list.append(value)
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "]")) ? .list(list) : nil
    }

    private mutating func text() -> String? {
        guard next == UInt8(ascii: "\"") else { return nil }
        place += 1
        let start = place
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { place += 1 }
        let plain = String(decoding: bytes[start..<place], as: UTF8.self)
        if take(UInt8(ascii: "\"")) { return plain }
        return escapedText(after: plain)
    }

    private mutating func escapedText(after plain: String) -> String? {
        var text = plain
        while let byte = next {
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return text
            case UInt8(ascii: "\\"):
                guard let scalar = escape() else { return nil }
                text.unicodeScalars.append(scalar)
            default:
                let start = place - 1
                while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                    place += 1
                }
                text += String(decoding: bytes[start..<place], as: UTF8.self)
            }
        }
        return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
        guard let byte = next else { return nil }
        place += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "u"):
            guard let unit = hexadecimal() else { return nil }
            guard (0xD800..<0xDC00).contains(unit) else { return Unicode.Scalar(unit) }
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let low = hexadecimal(),
                (0xDC00..<0xE000).contains(low)
            else { return nil }
            return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        default: return nil
        }
    }

    private mutating func hexadecimal() -> UInt32? {
        guard place + 4 <= bytes.count else { return nil }
        let digits = String(decoding: bytes[place..<place + 4], as: UTF8.self)
        place += 4
        return UInt32(digits, radix: 16)
    }

    private mutating func number() -> Value? {
        let start = place
        var isWhole = true
        while let byte = next {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"):
                isWhole = false
            default:
                return Self.number(bytes[start..<place], isWhole: isWhole)
            }
            place += 1
        }
        return Self.number(bytes[start..<place], isWhole: isWhole)
    }

    private static func number(
        _ bytes: Slice<UnsafeBufferPointer<UInt8>>, isWhole: Bool
    ) -> Value? {
        let text = String(decoding: bytes, as: UTF8.self)
        if isWhole, let integer = Int(text) { return .integer(integer) }
        return Double(text).flatMap { $0.isFinite ? .number($0) : nil }
    }
}
