import Foundation
import JSON
import Testing

/// A repeatable source of random numbers and JSON values.
private struct Random {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func below(_ count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % count
    }

    mutating func text() -> String {
        let parts = [
            "a", "\"", "\\", "/", "\n", "\t", "\u{1}", "\u{7F}", "\u{85}", "é", "\u{2028}", "漢",
            "😀", "x y", "{", "]", ",", "0123456789abcdef",
        ]
        return (0..<below(6)).map { _ in parts[below(parts.count)] }.joined()
    }

    mutating func value(depth: Int) -> JSONValue {
        switch below(depth > 3 ? 5 : 7) {
        case 0: return .null
        case 1: return .bool(below(2) == 0)
        case 2: return .integer(below(1 << 20) - 1 << 19)
        case 3: return .number(Double(below(1 << 20)) / 1024 + 0.125)
        case 4: return .string(text())
        case 5: return .array((0..<below(5)).map { _ in value(depth: depth + 1) })
        default:
            var members: [String: JSONValue] = [:]
            for _ in 0..<below(5) { members[text()] = value(depth: depth + 1) }
            return .object(members)
        }
    }
}

@Suite("JSON is read as Foundation reads it", .timeLimit(.minutes(10)))
struct JSONReaderTests {
    /// The value as Foundation has it; nil if it refuses the text.
    private func foundation(_ text: String) -> JSONValue? {
        do {
            return value(
                try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed))
        } catch {
            return nil
        }
    }

    private func value(_ object: Any) -> JSONValue? {
        switch object {
        case is NSNull: return .null
        case let text as String: return .string(text)
        case let list as [Any]: return .array(list.compactMap(value))
        case let members as [String: Any]: return .object(members.compactMapValues(value))
        case let number as NSNumber:
            // Only a boolean says that it is a character of C.
            let isBool = String(cString: number.objCType) == "c"
            return isBool ? .bool(number.boolValue) : .number(number.doubleValue)
        default: return nil
        }
    }

    private func read(_ text: String) -> JSONValue? {
        do {
            return try Array(text.utf8).withUnsafeBytes { try JSONValue($0) }
        } catch {
            return nil
        }
    }

    /// With all numbers as doubles, which Foundation tells from integers only by their values.
    private func plain(_ value: JSONValue?) -> JSONValue? {
        switch value {
        case .integer(let integer): .number(Double(integer))
        case .array(let elements): .array(elements.compactMap(plain))
        case .object(let members): .object(members.compactMapValues(plain))
        default: value
        }
    }

    private func written(_ value: JSONValue) -> String {
        var bytes: [UInt8] = []
        JSONRecordEncoder.encode(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("What is written is read back, by Foundation too")
    func roundTrip() {
        var random = Random(3)
        for _ in 0..<4000 {
            let value = random.value(depth: 0)
            let text = written(value)
            #expect(read(text) == value, "\(text)")
            #expect(foundation(text) == plain(value), "\(text)")
        }
    }

    @Test("Of texts with one character changed, left out or put twice the same are JSON")
    func mutations() {
        var random = Random(5)
        let alphabet = Array("{}[]\":,\\ue0.-+ tfnax1\u{1}\n")
        for _ in 0..<20_000 {
            var text = Array(written(random.value(depth: 0)))
            let place = random.below(text.count)
            switch random.below(3) {
            case 0: text[place] = alphabet[random.below(alphabet.count)]
            case 1: text.remove(at: place)
            default: text.insert(text[place], at: place)
            }
            let mutated = String(text)
            // Foundation takes the last of two members with one name.
            let reader = read(mutated)
            if reader == nil, mistake(mutated).contains("occurs twice") { continue }
            #expect(plain(reader) == foundation(mutated), "\(mutated)")
        }
    }

    private func mistake(_ text: String) -> String {
        Array(text.utf8).withUnsafeBytes { bytes in
            do throws(JSONMistake) {
                try JSONTape.check(bytes)
                return "none"
            } catch {
                return "\(error.line):\(error)"
            }
        }
    }

    @Test(
        "Invalid JSON is reported with its position and field",
        arguments: [
            ("", "1:column 1: a value expected, the line ends"),
            ("\u{FEFF}{}", "1:column 1: a byte order mark: save the file as UTF-8 without one"),
            ("nonsense", "1:column 1: a value expected"),
            ("[1,2", "1:column 5: `,` or `]` expected, the line ends"),
            ("[1 2]", "1:column 4: `,` or `]` expected"),
            ("{} {}", "1:column 4: the end of the line expected"),
            ("{\"a\":1,}", "1:column 8: a name in quotes expected"),
            ("{\"a\" 1}", "1:column 6: `:` expected"),
            ("{\"a\":[{\"b\":tru}]}", "1:column 12: in the field 'a.0.b' a value expected"),
            ("{\"a\":[1,[2,x]]}", "1:column 12: in the field 'a.1.1' a value expected"),
            ("{\"a\":{\"b\":1 2}}", "1:column 13: in the field 'a' `,` or `}` expected"),
            ("{\"a\":01}", "1:column 6: the field 'a' holds 01, which is not a JSON number"),
            ("{\"a\":-}", "1:column 6: the field 'a' holds -, which is not a JSON number"),
            ("{\"a\":[1.]}", "1:column 7: the field 'a.0' holds 1., which is not a JSON number"),
            ("{\"a\":1e+}", "1:column 6: the field 'a' holds 1e+, which is not a JSON number"),
            ("{\"a\":1x5}", "1:column 6: the field 'a' holds 1x5, which is not a JSON number"),
            (
                "{\"a\":NaN}",
                "1:column 6: the field 'a' holds NaN, which JSON does not have: write null"
            ),
            (
                "{\"é\":-Infinity}",
                "1:column 6: the field 'é' holds -Infinity, which JSON does not have: write null"
            ),
            (
                "[1e400]",
                "1:column 2: the field '0' holds 1e400, which is too large"
            ),
            ("[1e-400]", "none"),
            ("{\"a\":\"x", "1:column 8: in the field 'a' `\"` expected, the line ends"),
            (
                "{\"a\":\"\\x\"}",
                "1:column 7: the field 'a' holds an escape that JSON does not have"
            ),
            (
                "{\"a\":\"\\u12",
                "1:column 11: in the field 'a' the rest of an escape expected, the line ends"
            ),
            (
                "{\"a\":\"\\ud83d\"}",
                "1:column 13: the field 'a' holds half a surrogate pair: write both halves or neither"
            ),
            (
                "{\"a\":\"\u{1}\"}",
                "1:column 7: the field 'a' holds a control character: write it as an escape such as \\n"
            ),
            ("{\"a\":1,\"\\u0061\":2}", "1:column 8: the field '\\u0061' occurs twice: keep one"),
            ("{\"a\":{\"b\":1,\"b\":2}}", "1:column 13: the field 'a.b' occurs twice: keep one"),
            ("{\"a\":1,\n \"b\":?}", "2:column 6: in the field 'b' a value expected"),
        ])
    func mistakes(_ text: String, _ message: String) {
        #expect(mistake(text) == message)
    }

    @Test("Lists may stand 64 deep, and a text may hold so many values")
    func limits() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(mistake(nested(64)) == "none")
        #expect(mistake(nested(65)).hasSuffix("lists and objects nested more than 64 deep"))
        let many = "[" + String(repeating: "1,", count: 1 << 19) + "1]"
        #expect(mistake(many).hasSuffix("the line has more than 524288 values"))
    }

    @Test("Of many members each name stands once, however it is spelled")
    func manyNames() {
        let names = (0..<40).map { "\"n\($0)\":\($0)" }
        #expect(mistake("{" + names.joined(separator: ",") + "}") == "none")
        for name in ["n3", "n39", "\\u006e39"] {
            let text = "{" + names.joined(separator: ",") + ",\"\(name)\":0}"
            #expect(mistake(text).hasSuffix("the field '\(name)' occurs twice: keep one"))
        }
    }
}
