import JSON
import Testing

@Suite(.timeLimit(.minutes(10)))
struct JSONValueTests {
    @Test("The canonical form has no blanks, sorted keys and escaped texts")
    func canonical() {
        let value = JSONValue.object([
            "b": .array([.null, .bool(true), .integer(-3)]), "a": .string("\"\\\n\t\u{1}é"),
        ])
        #expect(value.canonical == "{\"a\":\"\\\"\\\\\\n\\t\\u0001é\",\"b\":[null,true,-3]}")
    }

    @Test("A whole number is spelled as an integer, another in its shortest form")
    func numbers() {
        let numbers: [Double] = [1, -0.0, 0.1, 3e-4, 1e-7, 1e20]
        #expect(
            numbers.map { JSONValue.number($0).canonical } == [
                "1", "0", "0.1", "0.0003", "1e-07", "1e+20",
            ])
    }

    @Test("JSON is read back as the same value")
    func json() {
        let value = JSONValue.object([
            "flag": .bool(false), "integer": .integer(1), "number": .number(0.25),
            "text": .string("1"), "list": .array([.object([:]), .array([])]), "nothing": .null,
        ])
        #expect(JSONValue(json: value.canonical) == value)
        #expect(JSONValue(json: "{") == nil)
    }
}
