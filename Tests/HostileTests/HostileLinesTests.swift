import Foundation
import FuzzSubjects
import Testing

@Suite("Hostile JSON lines", .timeLimit(.minutes(10)))
struct HostileLinesTests {
    private let victim: Victim

    init() throws { victim = try Victim() }

    /// A question whose field `name` has another value.
    private static func question(_ name: String = "level", _ value: String = "1") -> String {
        let fields = [
            ("id", "\"q-1\""), ("task", "\"t\""), ("text", "\"1 2 : 3\""), ("answer", "null"),
            ("level", "1"), ("split", "\"train\""), ("source", "\"g\""),
        ]
        return "{"
            + fields.map { "\"\($0)\":\($0 == name ? value : $1)" }.joined(separator: ",") + "}\n"
    }

    private static let fixtures = [
        Hostile("NaN", question() + question("level", "NaN")),
        Hostile("minus infinity", question("level", "-Infinity")),
        Hostile("a number beyond all", question("level", "1e999")),
        Hostile("a number of 100,000 digits", question("level", "9" * 100_000)),
        Hostile("a number that starts with 0", question("level", "01")),
        Hostile("a number that starts with +", question("level", "+1")),
        Hostile("a number that starts with a point", question("level", ".5")),
        Hostile("a number that ends with a point", question("level", "1.")),
        Hostile("an exponent without digits", question("level", "1e")),
        Hostile("half a surrogate pair", question("text", #""\ud83d x""#)),
        Hostile("the other half", question("text", #""\ude00""#)),
        Hostile("two first halves", question("text", #""\ud83d\ud83d""#)),
        Hostile("an unknown escape", question("text", #""\x41""#)),
        Hostile("an escape of two digits", question("text", #""\u41""#)),
        Hostile("a control character", question("text", "\"a\u{1}b\"")),
        Hostile("NUL", question("text", "\"a\u{0}b\"")),
        Hostile("a file of NULs", bytes: { [UInt8](repeating: 0, count: 4_096) }),
        Hostile("cut off in an escape", question() + #"{"id":"q-2","text":"\u00"#),
        Hostile("cut off in a name", question() + #"{"id"#),
        Hostile("cut off after a comma", question() + #"{"id":"q-2","#),
        Hostile("a byte order mark", "\u{FEFF}" + question()),
        Hostile("invalid UTF-8", bytes: { Array(question().utf8) + [0x22, 0xFF, 0x22, 10] }),
        Hostile("a field twice", #"{"id":"q-1","task":"t","id":"q-2"}"#),
        Hostile("a field twice, once spelled by escapes", #"{"id":"q-1","\u0069d":"q-2"}"#),
        Hostile(
            "a field twice deep inside", question("text", #"[{"a":{"b":1,"c":2,"b":3}}]"#)),
        Hostile("lists 100,000 deep", question("text", "[" * 100_000)),
        Hostile("objects 100,000 deep", #"{"a":"# * 100_000),
        Hostile("two million values", question("text", "[" + "0," * 2_000_000 + "0]")),
        Hostile(
            "two million fields",
            "{" + (0..<2_000_000).map { "\"\($0)\":0" }.joined(separator: ",") + "}"),
        Hostile("several values", question().dropLast() + " " + question()),
        Hostile("comments", "// a comment\n" + question()),
        Hostile("single quotes", "{'id':'q-1'}\n"),
        Hostile("a trailing comma", #"{"id":"q-1",}"#),
        Hostile("a text for an object", "\"text\"\n"),
    ]

    @Test("Every hostile line is refused with its line number and field", arguments: fixtures)
    private func records(fixture: Hostile) throws {
        let file = try victim.write(fixture.bytes(), "q.jsonl")
        let result = try victim.examine(file, as: .records)
        expect(result, 1, "lines: " + fixture.name)
    }

    /// What that reader does not look at: fields that become no column, and what is inside of others. To it, as
    /// to SQLite, a name that is spelled by escapes is another name.
    private static let ignored: Set = [
        "a field twice deep inside", "a field twice, once spelled by escapes", "two million values",
        "two million fields",
    ]

    @Test(
        "The database's reader says the same",
        arguments: fixtures.filter { !ignored.contains($0.name) })
    private func rows(fixture: Hostile) throws {
        let file = try victim.write(fixture.bytes(), "q.jsonl")
        let result = try victim.examine(file, as: .rows)
        let said = try #require(Expectation.texts["lines: " + fixture.name])
        let place = said.replacing(#/^q\.jsonl:(\d+): /#) {
            "questions.jsonl, line \($0.output.1): "
        }
        let expected =
            place.replacing("the line is not valid JSON", with: "not JSON")
            .replacing("the line is not UTF-8 text", with: "not UTF-8")
            .replacing("the line is not a JSON object", with: "id is missing")
            + "; correct the stage that wrote it"
        #expect(result == .init(status: 0, output: expected))
    }

    private static let wrong = [
        Hostile("a text for a number", question("level", "\"1\"")),
        Hostile(
            "a fraction for a whole number", question() + question("level", "1.5")),
        Hostile("too large for a whole number", question("level", "1e30")),
        Hostile("an object for a text", question("text", "{}")),
        Hostile("null for a text", question("text", "null")),
        Hostile("a field is missing", #"{"id":"q-1"}"#),
        Hostile(
            "one token of many is too large",
            #"{"question":"q","sample":0,"trace":"z","ids":["# + "1," * 3_000 + "2147483648," + "1,"
                * 3_000
                + #"1],"tokens":1,"finish":"stop","log_prob":0}"#),
    ]

    @Test("A field of the wrong type is named", arguments: wrong)
    private func types(fixture: Hostile) throws {
        let file = try victim.write(fixture.bytes(), "q.jsonl")
        let result = try victim.examine(file, as: .records)
        expect(result, 1, "lines: " + fixture.name)
    }

    @Test(
        "A row of the wrong type is named",
        arguments: [
            ("a fraction for a whole number", "level", "1.5"),
            ("a text for a number", "level", "\"x\""),
            ("a list for a text", "text", "[1]"), ("null for a text", "text", "null"),
            ("too large for a whole number", "level", "99999999999999999999"),
        ])
    func rowTypes(name: String, field: String, value: String) throws {
        let file = try victim.write(Self.question(field, value).utf8, "q.jsonl")
        let result = try victim.examine(file, as: .rows)
        expect(result, 0, "row: " + name)
    }

    @Test(
        "Blank lines, line ends of Windows and a missing last end are read",
        arguments: [
            (Subject.records, "1 questions"), (.rows, "published"),
        ])
    func accepted(subject: Subject, expected: String) throws {
        let text = "\r\n \t\n" + Self.question().dropLast() + "\r\n\n"
        let file = try victim.write(text.dropLast(2).utf8, "q.jsonl")
        #expect(try victim.examine(file, as: subject) == .init(status: 0, output: expected))
    }

    @Test("A line of 64 MiB is the longest", arguments: [Subject.records, .rows])
    func long(subject: Subject) throws {
        let file = try victim.write([], "q.jsonl")
        #expect(truncate(file, 1 << 30) == 0)
        let expected =
            subject == .rows
            ? Victim.Result(
                status: 0,
                output:
                    "questions.jsonl, line 1: longer than 64 MiB; correct the stage that wrote it"
            )
            : .init(status: 1, output: "q.jsonl:1: the line is longer than 64 MiB")
        #expect(try victim.examine(file, as: subject) == expected)
    }

    @Test("A text of 60 MiB is read", arguments: [Subject.records, .rows])
    func longText(subject: Subject) throws {
        let file = try victim.write(
            Self.question("text", "\"" + "x" * (60 << 20) + "\"").utf8, "q.jsonl")
        let expected = subject == .rows ? "published" : "1 questions"
        #expect(try victim.examine(file, as: subject) == .init(status: 0, output: expected))
    }

    @Test("An endless line of standard input is refused")
    func endless() throws {
        try victim.write(Subject.bytePairs().utf8, "tokenizer.json")
        expect(
            try victim.run("vireo", ["model", "tokenize", "."], setUp: "exec < /dev/zero"),
            1, "endless line")
    }
}
