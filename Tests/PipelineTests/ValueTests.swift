import Pipeline
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ValueTests {
    @Test("The canonical form has no blanks, sorted keys and escaped texts")
    func canonical() {
        let value = Value.table([
            "b": .list([.null, .flag(true), .integer(-3)]), "a": .text("\"\\\n\t\u{1}é"),
        ])
        #expect(value.canonical == "{\"a\":\"\\\"\\\\\\n\\t\\u0001é\",\"b\":[null,true,-3]}")
    }

    @Test("A whole number is spelled as an integer, another in its shortest form")
    func numbers() {
        let numbers: [Double] = [1, -0.0, 0.1, 3e-4, 1e-7, 1e20]
        #expect(
            numbers.map { Value.number($0).canonical } == [
                "1", "0", "0.1", "0.0003", "1e-07", "1e+20",
            ])
    }

    @Test("JSON is read back as the same value")
    func json() {
        let value = Value.table([
            "flag": .flag(false), "integer": .integer(1), "number": .number(0.25),
            "text": .text("1"), "list": .list([.table([:]), .list([])]), "nothing": .null,
        ])
        #expect(Value(json: value.canonical) == value)
        #expect(Value(json: "{") == nil)
    }
}
