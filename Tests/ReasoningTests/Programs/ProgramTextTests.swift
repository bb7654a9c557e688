import Reasoning
import Testing

@Suite("Programs in responses", .timeLimit(.minutes(10)))
struct ProgramTextTests {
    private static let gold = #"{"tests":[{"input":"","output":""}]}"#

    private func program(_ response: String?) throws -> String? {
        let request = VerificationRequest(response: response, gold: Self.gold, question: nil)
        switch try ProgramAnswer.found(in: request) {
        case .success(let answer): return answer.program
        case .failure(let settled): return settled.verdict.reason
        }
    }

    @Test(
        "The last closed block of Python is the program",
        arguments: [
            ("```python\na\n```", "a\n"),
            ("```\na\n```", "a\n"),
            ("Text\n```py\na\n```\nand better:\n```Python3\nb\n\nc\n```\nmore", "b\n\nc\n"),
            ("```python\na\n```\nIt prints\n```text\n3\n```", "a\n"),
            ("```cpp\na\n```", "no code block"),
            ("~~~\na\n~~~", "no code block"),
            ("```python\na", "no code block"),
            // The first block has no end.
            ("```python\na\n```python\nb\n```", "b\n"),
            ("  ```python\n  a\n  ```", "  a\n"),
            ("````python title\na\n````", "a\n"),
            ("Use ```x``` here:\n```\na\n```", "a\n"),
            ("```x```\n```\na\n```", "a\n"),
            ("```python\r\na\r\n```\r\n", "a\r\n"),
            ("<think>\n```python\na\n```\n</think>\nDone.", "no code block"),
            ("<think>\n```python\na\n```\n</think>\n```python\nb\n```", "b\n"),
            ("", "no answer"), (" \n", "no answer"),
            ("```", "no code block"), ("```\n```", ""),
        ])
    func blocks(_ response: String, _ program: String) throws {
        #expect(try self.program(response) == program)
    }

    @Test("A truncated response has no answer, and tests are required")
    func missing() throws {
        #expect(try program(nil) == "no answer")
        #expect(throws: RecordProblem.missing(field: "gold")) {
            try ProgramAnswer.found(in: .init(response: "```\na\n```", gold: nil, question: nil))
        }
    }

    @Test("A reference answer without tests is not judged")
    func unreadable() throws {
        let request = VerificationRequest(response: "```\na\n```", gold: "42", question: nil)
        guard case .failure(let settled) = try ProgramAnswer.found(in: request) else {
            Issue.record("found tests")
            return
        }
        #expect(!settled.verdict.isJudged)
        #expect(
            settled.verdict.reason
                == "not judged: the reference answer does not have tests of programs: expected is a JSON list of objects with `input` and `output`, or an object with `inputs` and `outputs`"
        )
    }

    @Test("The verdict names the first test that failed")
    func verdicts() throws {
        let tests = try ProgramTests(
            function: nil, tests: (0..<5).map { .init(input: "\($0)", output: "1") })
        let answer = ProgramAnswer(program: "a\n", tests: tests)
        #expect(
            answer.verdict(failures: [:], isCounted: false)
                == Verdict(isCorrect: true, reason: nil, extracted: "a"))
        let failures: [Int: ProgramFailure] = [
            3: .timeLimit(seconds: 10), 1: .runtimeError("ValueError: x"),
        ]
        #expect(
            answer.verdict(failures: failures, isCounted: false)
                == Verdict(
                    isCorrect: false, reason: "runtime error on test 2: ValueError: x",
                    extracted: "a"))
        #expect(
            answer.verdict(failures: failures, isCounted: true).reason
                == "3 of 5 tests passed; runtime error on test 2: ValueError: x")
    }

    @Test(
        "Every failure is worded",
        arguments: [
            (.wrongAnswer(problem: "'1', not '2'"), "wrong answer on test 3: '1', not '2'"),
            (.timeLimit(seconds: 10), "time limit on test 3: over 10 s"),
            (.memoryLimit(mebibytes: 512), "memory limit on test 3: over 512 MiB"),
            (.outputLimit(bytes: 16 << 20), "output limit on test 3: over 16 MiB"),
            (.runtimeError("KeyError: 1"), "runtime error on test 3: KeyError: 1"),
        ] as [(ProgramFailure, String)])
    func wording(_ failure: ProgramFailure, _ reason: String) {
        #expect(failure.reason(test: 3) == reason)
    }
}
