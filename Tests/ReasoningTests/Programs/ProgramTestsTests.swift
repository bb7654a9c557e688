import JSON
import Reasoning
import Testing

@Suite("Tests of programs", .timeLimit(.minutes(10)))
struct ProgramTestsTests {
    @Test("Tests that are written are read again")
    func canonical() throws {
        let tests = try ProgramTests(
            function: "add",
            tests: [.init(input: "1\n[2]", output: "3"), .init(input: "", output: "0")]
        )
        #expect(
            tests.text
                == #"{"function":"add","tests":[{"input":"1\n[2]","output":"3"},{"input":"","output":"0"}]}"#
        )
        #expect(try ProgramTests(tests.text) == tests)
        let plain = try ProgramTests(function: nil, tests: [.init(input: "1 2\n", output: "")])
        #expect(plain.text == #"{"tests":[{"input":"1 2\n","output":""}]}"#)
        #expect(try ProgramTests(plain.text) == plain)
    }

    @Test("LiveCodeBench")
    func liveCodeBench() throws {
        let plain = try ProgramTests(
            #"[{"input":"1\n","output":"2\n","testtype":"stdin"}]"#, function: "unused")
        #expect(plain.function == nil)
        #expect(plain.tests == [.init(input: "1\n", output: "2\n")])
        let calls = try ProgramTests(
            #"[{"input":"[1, 2]\n3","output":"6","testtype":"functional"}]"#, function: "total")
        #expect(calls.function == "total")
        #expect(calls.tests == [.init(input: "[1, 2]\n3", output: "6")])
    }

    @Test("APPS and TACO, whose texts may be lists of lines and whose results may be in lists")
    func apps() throws {
        let plain = try ProgramTests(
            #"{"inputs":["1 2\n",["3","4"]],"outputs":["3\n",["7"]],"fn_name":null}"#)
        #expect(plain.function == nil)
        #expect(
            plain.tests == [
                .init(input: "1 2\n", output: "3\n"), .init(input: "3\n4", output: "7"),
            ])
        let calls = try ProgramTests(
            #"{"inputs":[[1,[2,3]],["a"],[]],"outputs":[[6],"b",123456789012345678901],"fn_name":"f"}"#
        )
        #expect(calls.function == "f")
        #expect(
            calls.tests == [
                .init(input: "1\n[2,3]", output: "[6]\n6"), .init(input: #""a""#, output: #""b""#),
                .init(input: "", output: "123456789012345678901"),
            ])
        // Texts with an argument per line, as the runner of LiveCodeBench passes them on.
        let lines = try ProgramTests(
            #"{"fn_name":"f","inputs":["1\n2"],"outputs":["[3]"]}"#)
        #expect(lines.tests == [.init(input: "1\n2", output: "[3]")])
        // Line ends between values are blanks.
        let spread = try ProgramTests("{\"fn_name\":\"f\",\"inputs\":[[[1,\n2]]],\"outputs\":[3]}")
        #expect(spread.tests == [.init(input: "[1, 2]", output: "3")])
    }

    @Test(
        "A problem with the tests is named",
        arguments: [
            (
                "", nil,
                "expected is a JSON list of objects with `input` and `output`, or an object with `inputs` and `outputs`"
            ),
            (
                "42", nil,
                "expected is a JSON list of objects with `input` and `output`, or an object with `inputs` and `outputs`"
            ),
            (
                "[1]", nil,
                "expected is a JSON list of objects with `input` and `output`, or an object with `inputs` and `outputs`"
            ),
            ("[]", nil, "there are no tests"), ("{}", nil, "there are no tests"),
            (#"{"inputs":["1"],"outputs":[]}"#, nil, "there are 1 inputs and 0 outputs"),
            (
                #"{"inputs":[1],"outputs":["1"]}"#, nil,
                "the input or output of test 1 is not a text"
            ),
            (#"[{"input":"1"}]"#, nil, "the input or output of test 1 is not a text"),
            (
                #"[{"input":"1","output":"1","testtype":"stdin"},{"input":"1","output":"1","testtype":"functional"}]"#,
                "f", "some tests call a function and others do not"
            ),
            (
                #"[{"input":"1","output":"1","testtype":"functional"}]"#, nil,
                "the tests call a function that is not named"
            ),
            (
                #"[{"input":"1","output":"1","testtype":"functional"}]"#, "f g",
                "the name of the function 'f g' has a blank"
            ),
            (
                #"[{"input":"x","output":"1","testtype":"functional"}]"#, "f",
                "the input of test 1 is not one JSON value per line"
            ),
            (
                #"[{"input":"1","output":"","testtype":"functional"}]"#, "f",
                "the output of test 1 is not one JSON value per line"
            ),
            (
                "eJxrYJmaz8gABhE5DEwQ1hQ9AB0bA5k=", nil,
                "the tests are compressed and pickled; Vireo does not read pickles, because they can run programs: write them as JSON first"
            ),
        ])
    func problems(_ text: String, _ function: String?, _ message: String) {
        do {
            let tests = try ProgramTests(text, function: function)
            Issue.record("no error, but \(tests)")
        } catch {
            #expect("\(error)" == message)
        }
    }

    // MARK: Fields of records

    private func mapped(_ json: String, _ mapping: QuestionMapping) throws -> MappedQuestion {
        try mapping.question(from: try #require(JSONValue(json: json))) { _ in "test" }
    }

    private func message(_ json: String, _ mapping: QuestionMapping) throws -> String {
        do {
            return "no error, but \(try mapped(json, mapping))"
        } catch let problem as RecordProblem { return "\(problem)" }
    }

    @Test("Questions of LiveCodeBench have all tests, and the starter code after their text")
    func liveCodeBenchPreset() throws {
        let question = try mapped(
            #"""
            {"question_title":"Sum","question_content":"Add.","question_id":"3000","starter_code":"class Solution:\n    def add(self, a, b):\n        ","difficulty":"easy","public_test_cases":"[{\"input\":\"1\\n2\",\"output\":\"3\",\"testtype\":\"functional\"}]","private_test_cases":"[{\"input\":\"2\\n2\",\"output\":\"4\",\"testtype\":\"functional\"}]","metadata":"{\"func_name\":\"add\"}"}
            """#, DataSetPreset.livecodebench.mapping
        ).question
        #expect(
            question.answer
                == #"{"function":"add","tests":[{"input":"1\n2","output":"3"},{"input":"2\n2","output":"4"}]}"#
        )
        #expect(
            question.text
                == "Add.\n\nUse this starter code:\n\n```python\nclass Solution:\n    def add(self, a, b):\n```"
        )
        #expect(question.task == "code" && question.id.hasPrefix("3000-"))
        let plain = try mapped(
            #"{"question_content":"Add.","question_id":"a","starter_code":"","public_test_cases":"[{\"input\":\"1\",\"output\":\"3\",\"testtype\":\"stdin\"}]","private_test_cases":"[]","metadata":"{}"}"#,
            DataSetPreset.livecodebench.mapping)
        #expect(plain.question.answer == #"{"tests":[{"input":"1","output":"3"}]}"#)
        #expect(plain.question.text == "Add.")
    }

    @Test("Compressed private tests are an error, and questions without tests are left out")
    func presets() throws {
        #expect(
            try message(
                #"{"question_content":"Add.","question_id":"a","starter_code":"","public_test_cases":"[]","private_test_cases":"eJxrYJmaz8gABhE5DEwQ1hQ9AB0bA5k=","metadata":"{}"}"#,
                DataSetPreset.livecodebench.mapping)
                == "the field 'private_test_cases' does not have tests of programs: the tests are compressed and pickled; Vireo does not read pickles, because they can run programs: write them as JSON first"
        )
        for preset in [DataSetPreset.apps, .taco] {
            let left = try mapped(
                #"{"question":"Add.","starter_code":null,"input_output":""}"#, preset.mapping)
            #expect(left.problem == "the field 'input_output' has no tests")
            let kept = try mapped(
                #"{"question":"Add.","starter_code":"","input_output":{"inputs":["1"],"outputs":["2"]}}"#,
                preset.mapping)
            #expect(kept.problem == nil)
            #expect(kept.question.answer == #"{"tests":[{"input":"1","output":"2"}]}"#)
        }
    }
}
