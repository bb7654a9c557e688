import Foundation
import JSON
import Testing

@Suite("Records as JSON", .timeLimit(.minutes(10)))
struct JSONRecordTests {
    private struct Part: Codable, Hashable {
        var ids: [Int32]
        var values: [Float]
        var kind: Kind
    }

    private enum Kind: String, Codable { case small, large }

    private enum Event: Codable, Hashable {
        case note(String)
        case step(number: Int, value: Double?)
    }

    private struct Record: Codable, Hashable {
        var name: String
        var count: UInt8?
        var large: UInt64
        var parts: [Part]
        var shares: [String: Double]
        var events: [Event]
    }

    private let record = Record(
        name: "é\u{2028}\"", count: 7, large: .max,
        parts: [Part(ids: [1, -2], values: [0.1, 3], kind: .large)], shares: ["a": 0.5],
        events: [.note("x"), .step(number: 3, value: nil)])

    private func text(
        _ value: some Encodable, as format: JSONRecordEncoder.Format = .record
    ) -> String {
        var bytes: [UInt8] = []
        JSONRecordEncoder.encode(value, to: &bytes, as: format)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func read<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        var decoder = JSONRecordDecoder(readsNonFinite: true)
        return try Array(text.utf8).withUnsafeBytes { try decoder.decode(type, from: $0) }
    }

    @Test("A record is written in its order and read back, and Foundation reads it too")
    func roundTrip() throws {
        let text = text(record)
        #expect(
            text
                == #"{"name":"é\u2028\"","count":7,"large":18446744073709551615,"parts":[{"ids":[1,-2],"values":[0.1,3.0],"kind":"large"}],"shares":{"a":0.5},"events":[{"note":{"_0":"x"}},{"step":{"number":3,"value":null}}]}"#
        )
        #expect(try read(Record.self, text) == record)
        #expect(try JSONDecoder().decode(Record.self, from: Data(text.utf8)) == record)
    }

    @Test("The canonical form sorts fields, omits nil and is what Foundation writes in this way")
    func canonical() throws {
        let all = (0...0x100).compactMap { Unicode.Scalar($0) }.map { String($0) }.joined()
        for number in [0, -0.0, 1, 0.5, 1e15, 0x1p53, 1e16, 1e300, .infinity, -.infinity, .nan] {
            var record = record
            record.name = all + "\u{2028}/"
            record.count = nil
            record.shares = ["b": number, "a10": 1, "a2": 2, "é": 3, "Z": 4]
            record.events.append(.step(number: 1, value: number))
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.nonConformingFloatEncodingStrategy = .convertToString(
                positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
            let expected = String(decoding: try encoder.encode(record), as: UTF8.self)
            #expect(text(record, as: .canonical) == expected)
            #expect(try read(Record.self, expected).name == record.name)
        }
        #expect(
            text(record.events, as: .canonical)
                == #"[{"note":{"_0":"x"}},{"step":{"number":3}}]"#)
    }

    @Test("Fields are found in any order and with escapes in their names")
    func order() throws {
        let text = #"{"kind":"small","v\u0061lues":[1e-3],"more":[{}],"ids":[]}"#
        #expect(try read(Part.self, text) == Part(ids: [], values: [0.001], kind: .small))
    }

    @Test(
        "Numbers are what Foundation makes of them",
        arguments: [
            "0", "-0", "-0.0", "1.0", "1e3", "1.5e1", "9007199254740993.0", "1e17", "0.1", "1e-7",
            "3.4e38",
            "16777217", "1.00000017881393432617187499", "7.5", "300", "1e300", "123456789.125",
        ])
    func numbers(_ number: String) throws {
        let data = Data(number.utf8)

        func both<Value: Decodable & Equatable>(_ type: Value.Type) {
            let mine = Result { try read(type, number) }
            let theirs = Result { try JSONDecoder().decode(type, from: data) }
            switch (mine, theirs) {
            case (.success(let mine), .success(let theirs)):
                #expect(mine == theirs && "\(mine)" == "\(theirs)", "\(type) \(number)")
            case (.failure, .failure): break
            default: Issue.record("\(type) \(number): \(mine) and \(theirs)")
            }
        }
        both(Double.self)
        both(Int.self)
        both(UInt8.self)
        both(Float.self)
    }

    @Test("Random numbers are what Foundation makes of them")
    func randomNumbers() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            let double = Double(bitPattern: generator.next())
            let float = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
            if double.isFinite { #expect(try read(Double.self, "\(double)") == double) }
            if float.isFinite { #expect(try read([Float].self, "[\(float)]") == [float]) }
        }
    }

    @Test("Numbers that are not finite are strings where they are allowed")
    func nonFinite() throws {
        #expect(try read([Double].self, #"["inf","-inf"]"#) == [.infinity, -.infinity])
        #expect(try read(Double.self, #""nan""#).isNaN)
        var decoder = JSONRecordDecoder()
        #expect(throws: JSONMismatch.top) {
            try Array(#""inf""#.utf8).withUnsafeBytes { try decoder.decode(Double.self, from: $0) }
        }
    }

    @Test("A mistake names its field")
    func mistakes() {
        func mistake(_ text: String) -> JSONMismatch? {
            do {
                _ = try read([String: Part].self, text)
                return nil
            } catch { return error as? JSONMismatch }
        }
        let kind = #","kind":"small""#
        #expect(mistake("[]") == .top)
        #expect(mistake(#"{"a":1}"#) == .wrongType(field: "a", expected: "an object"))
        #expect(mistake(#"{"a":{"ids":[]}}"#) == .missing(field: "a.values"))
        #expect(
            mistake(#"{"a":{"ids":[1,7.5],"values":[]\#(kind)}}"#)
                == .unfitNumber(field: "a.ids.1", number: "7.5"))
        #expect(
            mistake(#"{"b":{"ids":[],"values":[1,"x"]\#(kind)}}"#)
                == .wrongType(field: "b.values.1", expected: "a number"))
        #expect(
            mistake(#"{"b":{"ids":[],"values":[1e39]\#(kind)}}"#)
                == .unfitNumber(field: "b.values.0", number: "1e39"))
        #expect {
            _ = try read(Part.self, #"{"ids":[],"values":[],"kind":"none"}"#)
        } throws: { error in
            guard case DecodingError.dataCorrupted(let context) = error else { return false }
            return JSONPathKey.text(context.codingPath) == "kind"
        }
    }

    @Test("Any value is found at its path")
    func paths() throws {
        let value = try read(JSONValue.self, #"{"a":{"b":[1,{"c.d":2.0}]},"a.b":3}"#)
        #expect(value.value(at: "a.b") == .integer(3))
        #expect(value.value(at: "a.b.1.c.d") == .integer(2))
        #expect(value.value(at: "a.b.2") == nil)
        #expect(text(value) == #"{"a":{"b":[1,{"c.d":2}]},"a.b":3}"#)
    }

    @Test("Integers beyond 64 bits keep their digits where that is asked for")
    func digits() throws {
        let text = Array("[9223372036854775808,-9223372036854775808,1e2]".utf8)
        #expect(
            try text.withUnsafeBytes { try JSONValue($0, [.wholeNumbers, .digits]) }
                == .array([.string("9223372036854775808"), .integer(.min), .integer(100)]))
    }

    @Test("Strings are quoted with the escapes that are asked for")
    func quoting() {
        let text = "a\"\\\n\r\t\u{1}\u{1F}\u{7F}\u{85}\u{2028}é"
        #expect(JSONWriter.quote(text) == #""a\"\\\n\r\t\u0001\u001f"# + "\u{7F}\u{85}\u{2028}é\"")
        #expect(
            JSONWriter.quote(text, escapes: [])
                == #""a\"\\\u000a\u000d\u0009\u0001\u001f"# + "\u{7F}\u{85}\u{2028}é\"")
        #expect(
            JSONWriter.quote(text, escapes: [.short, .lineEnds])
                == #""a\"\\\n\r\t\u0001\u001f"# + "\u{7F}" + #"\u0085\u2028é""#)
        #expect(JSONWriter.quote("\u{8}\u{C}", escapes: .rare) == #""\b\f""#)
    }
}
