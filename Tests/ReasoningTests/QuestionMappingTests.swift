import Reasoning
import Testing

@Suite struct QuestionMappingTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private let mapping = QuestionMapping(
        task: "math", split: "train", text: "problem.text", answer: "solution.steps.1",
        level: "level",
        id: "key", source: "from", defaultSource: "file")

    @Test("Fields are found by path, numbers become texts, and texts levels")
    func mapped() throws {
        let path = try directory.write(
            """
            {"problem":{"text":"1 + 1?"},"solution":{"steps":[0,2]},"level":"3","key":17,"from":null}
            {"problem":{"text":"2 + 2?"},"solution":{"steps":["a","4"]},"level":null,"key":null,"from":"web"}
            """)
        let questions = try mapping.questions(in: path)
        #expect(
            questions == [
                Question(
                    id: "17", task: "math", text: "1 + 1?", answer: "2", level: 3, split: "train",
                    source: "file"),
                Question(
                    task: "math", text: "2 + 2?", answer: "4", level: nil, split: "train",
                    source: "web"),
            ])
    }

    @Test("A field whose own name holds a dot is found")
    func dottedNames() throws {
        let path = try directory.write(#"{"a.b":"dotted","a":{"b":"nested"}}"#)
        let mapping = QuestionMapping(
            task: "math", split: "test", text: "a.b", defaultSource: "file")
        #expect(try mapping.questions(in: path).map(\.text) == ["dotted"])
    }

    @Test(
        "A record that does not fit is named with its line and field",
        arguments: [
            ("[]", "the line is not a JSON object"),
            ("{}", "the field 'problem.text' is missing"),
            (#"{"problem":{"text":null}}"#, "the field 'problem.text' is not a text"),
            (#"{"problem":{"text":" "}}"#, "the field 'problem.text' is empty"),
            (#"{"problem":{"text":["a"]}}"#, "the field 'problem.text' is not a text"),
            (#"{"problem":{"text":"a"},"key":"1"}"#, "the field 'solution.steps.1' is missing"),
            (
                #"{"problem":{"text":"a"},"key":"1","solution":{"steps":[0,1]},"level":"hard"}"#,
                "the field 'level' is not a whole number"
            ),
        ])
    func mistakes(_ line: String, _ message: String) throws {
        let path = try directory.write(line)
        let error = #expect(throws: ReasoningError.self) { try mapping.questions(in: path) }
        #expect(error?.description == "\(path):1: \(message)")
    }
}
