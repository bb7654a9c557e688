import JSON
import Reasoning
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct QuestionMappingTests {
    private let mapping = QuestionMapping(
        task: "math", text: "problem.text", answer: "solution.steps.1", level: "level", id: "key",
        source: "from", defaultSource: "file")

    private func value(_ json: String) throws -> JSONValue {
        let directory = try TemporaryDirectory()
        return try JSONLines.read(JSONValue.self, from: try directory.write(json))[0]
    }

    private func question(_ json: String, _ mapping: QuestionMapping) throws -> MappedQuestion {
        try mapping.question(from: try value(json)) { _ in "train" }
    }

    /// What a name that a record gives is followed by: the twelve digits that would name the question without it.
    private func digits(_ text: String, _ answer: String, _ source: String) -> String {
        let name = Question.identifier(task: "math", text: text, answer: answer, source: source)
        return String(name.dropFirst(2))
    }

    private func message(_ json: String, _ mapping: QuestionMapping) throws -> String {
        do {
            return "no error, but \(try question(json, mapping))"
        } catch let problem as RecordProblem { return "\(problem)" }
    }

    @Test("Fields are found by path, numbers become texts, and texts levels")
    func mapped() throws {
        #expect(
            try question(
                #"{"problem":{"text":"1 + 1?"},"solution":{"steps":[0,2]},"level":"3","key":17,"from":null}"#,
                mapping
            ).question
                == Question(
                    id: "17-" + digits("1 + 1?", "2", "file"), task: "math", text: "1 + 1?",
                    answer: "2", level: 3, split: "train",
                    source: "file"))
        #expect(
            try question(
                #"{"problem":{"text":"2 + 2?"},"solution":{"steps":["a","4"]},"level":null,"key":null,"from":"web"}"#,
                mapping
            ).question
                == Question(
                    task: "math", text: "2 + 2?", answer: "4", level: nil, split: "train",
                    source: "web"))
    }

    @Test("A field whose own name holds a dot is found")
    func dottedNames() throws {
        let mapping = QuestionMapping(task: "math", text: "a.b", defaultSource: "file")
        let mapped = try question(#"{"a.b":"dotted","a":{"b":"nested"}}"#, mapping)
        #expect(mapped.question.text == "dotted")
    }

    @Test(
        "A record of the wrong shape is reported with its field",
        arguments: [
            ("[]", "the line is not a JSON object"),
            ("{}", "the field 'problem.text' is missing"),
            (#"{"problem":{"text":null}}"#, "the field 'problem.text' is not a text"),
            (#"{"problem":{"text":" "}}"#, "the field 'problem.text' is empty"),
            (#"{"problem":{"text":{}}}"#, "the field 'problem.text' is not a text"),
            (#"{"problem":{"text":"a"},"key":"1"}"#, "the field 'solution.steps.1' is missing"),
            (
                #"{"problem":{"text":"a"},"key":"1","solution":{"steps":[0,1]},"from":"f","level":"hard"}"#,
                "the field 'level' is not a whole number"
            ),
        ])
    func mistakes(_ line: String, _ expected: String) throws {
        #expect(try message(line, mapping) == expected)
    }

    @Test(
        "Levels may be words with a number, and unknown",
        arguments: [(#""Level 5""#, 5), ("4", 4), (#""Level ?""#, nil), ("null", nil)]
            as [(String, Int?)])
    func levels(_ level: String, _ expected: Int?) throws {
        let mapping = QuestionMapping(task: "t", text: "q", level: "l", defaultSource: "s")
        #expect(try question(#"{"q":"x","l":\#(level)}"#, mapping).question.level == expected)
    }

    @Test("Lists are joined, answers with commas, or kept as JSON")
    func lists() throws {
        var mapping = QuestionMapping(task: "t", text: "q", answer: "a", defaultSource: "s")
        let json = #"{"q":["one",null,"two"],"a":["$2$",-2.5]}"#
        let joined = try question(json, mapping).question
        #expect(joined.text == "one\n\ntwo")
        #expect(joined.answer == "$2$, -2.5")
        mapping.keepsLists = true
        let kept = try question(#"{"q":"one","a":[{"b":[true,null],"a":1},"x"]}"#, mapping)
        #expect(kept.question.answer == #"[{"a":1,"b":[true,null]},"x"]"#)
    }

    @Test("A context comes before the question, if there is one")
    func contexts() throws {
        var mapping = QuestionMapping(task: "t", text: "q", defaultSource: "s")
        mapping.context = "c"
        #expect(try question(#"{"q":"one","c":"first"}"#, mapping).question.text == "first\n\none")
        #expect(try question(#"{"q":"one","c":null}"#, mapping).question.text == "one")
    }

    @Test("A worked solution gives an answer and a trace")
    func solutions() throws {
        var mapping = QuestionMapping(task: "t", text: "q", defaultSource: "s")
        mapping.solution = "s"
        mapping.extraction = .hashes
        let mapped = try question(#"{"q":"one","s":"a step\n#### 72"}"#, mapping)
        #expect(mapped.question.answer == "72")
        #expect(mapped.problem == nil)
        let example = Example(
            question: mapped.question, trace: "a step", answer: "72", source: .demonstration)
        #expect(mapped.demonstration == .example(example))
        let none = try question(#"{"q":"one","s":"a step"}"#, mapping)
        #expect(none.problem == "the field 's' has no answer after `####`")
        #expect(none.question.answer == nil)
    }

    @Test("A trace and a solution may stand in one field, between markers")
    func markers() throws {
        var mapping = QuestionMapping(task: "t", text: "q", defaultSource: "s")
        (mapping.trace, mapping.solution) = ("r", "r")
        mapping.traceSpan = TextSpan(begin: "<think>", end: "</think>")
        mapping.solutionSpan = TextSpan(begin: "</think>", end: "")
        let mapped = try question(#"{"q":"one","r":"<think>\nso\n</think>\n\nIt is 1."}"#, mapping)
        #expect(mapped.question.answer == "It is 1.")
        let example = Example(
            question: mapped.question, trace: "so", answer: "It is 1.", source: .demonstration)
        #expect(mapped.demonstration == .example(example))
        let bare = try question(#"{"q":"one","r":"It is 1."}"#, mapping)
        #expect(bare.demonstration == .missing("the field 'r' has no trace"))
        let unsaid = try question(#"{"q":"one","r":"<think>so"}"#, mapping)
        #expect(unsaid.demonstration == .missing("the field 'r' has no trace"))
    }

    @Test("Without a solution, the answer follows the trace")
    func traceAlone() throws {
        var mapping = QuestionMapping(task: "t", text: "q", answer: "a", defaultSource: "s")
        mapping.trace = "r"
        let mapped = try question(#"{"q":"one","r":"so","a":"1"}"#, mapping)
        let example = Example(
            question: mapped.question, trace: "so", answer: "1", source: .demonstration)
        #expect(mapped.demonstration == .example(example))
        let unknown = try question(#"{"q":"one","r":"so","a":null}"#, mapping)
        #expect(
            unknown.demonstration == .missing("there is no answer to give after the trace"))
    }
}
