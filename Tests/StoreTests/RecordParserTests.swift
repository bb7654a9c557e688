import GRDB
import Store
import Testing

/// The parser of record lines against SQLite's own operator.
@Suite(.timeLimit(.minutes(10)))
struct RecordParserTests {
    private static let keys = ["a", "b", "long key"]

    /// What `->>` gives for each key, with its type; nil if the line is not JSON.
    private func reference(_ line: String, _ database: Database) throws -> [String]? {
        do {
            return try Self.keys.map { key in
                let row = try Row.fetchOne(
                    database,
                    sql: "SELECT typeof(?1 ->> ?2), hex(?1 ->> ?2), ?1 ->> ?2",
                    arguments: [line, key])
                guard let row else { return "no row" }
                let type: String = row[0]
                if type == "real", let number = Double.fromDatabaseValue(row[2]) {
                    return "real \(number)"
                }
                return "\(type) \(row[1] as String)"
            }
        } catch let error as DatabaseError where error.message == "malformed JSON" {
            return nil
        }
    }

    private func parsed(_ line: String) -> [String]? {
        var parser = RecordParser(Self.keys)
        return Array(line.utf8).withUnsafeBytes { bytes in
            // Twice, for the parser remembers the order of keys.
            _ = parser.read(bytes)
            return parser.read(bytes) == nil ? Self.texts(parser.values) : nil
        }
    }

    private static func texts(_ values: [SQLValue.Borrowed]) -> [String] {
        func hex(_ bytes: some Sequence<UInt8>) -> String {
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
        }
        return values.map { value in
            switch value {
            case .null: "null "
            case .integer(let integer): "integer \(hex(String(integer).utf8))"
            case .real(let number): "real \(number)"
            case .text(let bytes): "text \(hex(bytes))"
            case .blob(let bytes): "blob \(hex(bytes))"
            }
        }
    }

    private static let lines = [
        "{}", "[]", "5", "\"x\"", "null", " {} ", "", " ", "{", "}", "[1,2", "{\"a\":}",
        #"{"a":1}"#, #"{"a":1,"b":2,"long key":3}"#, #"{"long key":3,"a":1}"#,
        #" { "a" : "x" , "b" : [ 1 , "a b" , { "c" : null } ] } "#,
        #"{"a":1,"a":2}"#, #"{"x":{"a":5},"a":6}"#, #"{"a":{"b":1},"b":{}}"#,
        #"{"a":true,"b":false,"long key":null}"#, #"{"a":tru}"#, #"{"a":nullx}"#,
        #"{"a":0,"b":-5,"long key":00}"#, #"{"a":01}"#, #"{"a":-}"#, #"{"a":1.}"#, #"{"a":.5}"#,
        #"{"a":1e5,"b":1E-2,"long key":-1.5e+3}"#, #"{"a":1e}"#, #"{"a":+1}"#, #"{"a":0x1}"#,
        #"{"a":9223372036854775807,"b":-9223372036854775808,"long key":9223372036854775808}"#,
        #"{"a":12345678901234567890123}"#, #"{"a":0.1,"b":123456.789}"#,
        #"{"a":"é 漢 😀","b":"\u00e9\u6f22\ud83d\ude00"}"#, #"{"a":"\"\\\/\b\f\n\r\t"}"#,
        #"{"a":"\x"}"#, #"{"a":"\u12g4"}"#, #"{"a":"\u12"}"#, "{\"a\":\"\u{1}\"}",
        "{\"a\":\"tab\there\"}", #"{"a":"unfinished"#, #"{"a":"x"} y"#, #"{"a":"x"}}"#,
        #"{"a":"x",}"#, #"{,}"#, #"{"a" "x"}"#, #"{a:1}"#, #"{'a':1}"#, #"{"a":[1,]}"#,
        #"{"a":[]}"#, #"{"a":[ ]}"#, #"{"a":"","b":" "}"#, #"{"":1,"a":2}"#, #"{"\u0061":1}"#,
        #"{"a":NaN}"#, #"{"a":Infinity}"#, "{\"a\":1}\t", "\u{FEFF}{}", #"{"a":1 2}"#,
        #"{"b":"0123456789 0123456789 \\ 0123456789 \" 0123456789 0123456789","a":"0123456"}"#,
        String(repeating: "[", count: 500) + String(repeating: "]", count: 500),
        "{\"a\":" + String(repeating: "[", count: 3000) + String(repeating: "]", count: 3000) + "}",
    ]

    @Test("Lines have the values that SQLite finds in them, and the same ones are malformed")
    func twins() throws {
        try DatabaseQueue().read { database in
            for line in Self.lines {
                let expected = try reference(line, database)
                #expect(parsed(line) == expected, "\(line.prefix(100))")
            }
        }
    }

    @Test("So it is for lines with one character changed, left out or put twice")
    func mutations() throws {
        var state: UInt64 = 11
        func random(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        let alphabet = Array("{}[]\":,\\ue0.-+ tfnax1")
        try DatabaseQueue().read { database in
            for _ in 0..<4000 {
                var line = Array(Self.lines[random(Self.lines.count - 2)])
                guard !line.isEmpty else { continue }
                let place = random(line.count)
                switch random(3) {
                case 0: line[place] = alphabet[random(alphabet.count)]
                case 1: line.remove(at: place)
                default: line.insert(line[place], at: place)
                }
                let text = String(line)
                // SQLite stops at a zero and makes half a surrogate pair into no character.
                if text.contains("\\u0000") || text.contains("\\ud") || text.contains("\\uD") {
                    continue
                }
                let expected = try reference(text, database)
                #expect(parsed(text) == expected, "\(text)")
            }
        }
    }

    @Test("Half of a surrogate pair is refused, a zero is kept")
    func surrogates() {
        var parser = RecordParser(["a"])
        for line in [#"{"a":"\ud83d"}"#, #"{"a":"\ud83dx"}"#, #"{"a":"\ude00"}"#] {
            #expect(
                Array(line.utf8).withUnsafeBytes { parser.read($0) }
                    == "half of a surrogate pair in a text")
        }
        let text = Array(#"{"a":"x\u0000y"}"#.utf8).withUnsafeBytes { bytes -> [UInt8] in
            guard parser.read(bytes) == nil, case .text(let text) = parser.values[0] else {
                return []
            }
            return Array(text)
        }
        #expect(text == [120, 0, 121])
    }
}
