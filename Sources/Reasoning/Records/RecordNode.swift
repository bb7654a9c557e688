/// JSON that is about to be written. Fields keep the order in which they were set.
enum RecordNode {
    case null
    case flag(Bool)
    case literal(String)
    case text(String)
    case list(List)
    case object(Object)

    final class List {
        var elements: [RecordNode] = []
    }

    final class Object {
        var fields: [(key: String, value: RecordNode)] = []
    }

    /// A number that is not finite has no JSON form and becomes `null`.
    static func number(_ number: some BinaryFloatingPoint & CustomStringConvertible) -> RecordNode {
        number.isFinite ? .literal(number.description) : .null
    }

    func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .flag(let flag): bytes += (flag ? "true" : "false").utf8
        case .literal(let text): bytes += text.utf8
        case .text(let text): Self.write(text, to: &bytes)
        case .list(let list):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in list.elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            for (index, field) in object.fields.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(field.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                field.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)

    private static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        // The last two bytes, for line ends of Unicode that programs such as Python's `splitlines` end lines at.
        var (first, second) = (UInt8(0), UInt8(0))
        for byte in text.utf8 {
            switch byte {
            case 0x85 where second == 0xC2:
                bytes.removeLast()
                bytes += #"\u0085"#.utf8
            case 0xA8 where (first, second) == (0xE2, 0x80),
                0xA9 where (first, second) == (0xE2, 0x80):
                bytes.removeLast(2)
                bytes += (byte == 0xA8 ? #"\u2028"# : #"\u2029"#).utf8
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 10: bytes += #"\n"#.utf8
            case 13: bytes += #"\r"#.utf8
            case 9: bytes += #"\t"#.utf8
            case 0..<32:
                bytes += #"\u00"#.utf8
                bytes += [hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
            default: bytes.append(byte)
            }
            (first, second) = (second, byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
