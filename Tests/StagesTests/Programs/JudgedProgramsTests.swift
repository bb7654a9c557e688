import Foundation
import JSON
import Pipeline
import Reasoning
import Stages
import Testing

/// Stages that judge programs.
@Suite("Stages that judge programs", .timeLimit(.minutes(10)), .inSandbox)
struct JudgedProgramsTests {
    private let answers = ["answers": ["answers"], "questions": ["questions"]]

    /// Two questions, of which one asks for a program, with answers.
    private func prepared() throws -> Bench {
        let bench = try Bench()
        let tests = try ProgramSample.tests(("1", "1"), ("2", "2"), ("3", "3"))
        try JSONLines.write(
            [
                Question(
                    id: "number", task: "numeric", text: "How many?", answer: "18", level: nil,
                    split: "train", source: "test"),
                Question(
                    id: "program", task: "code", text: "Print it.", answer: tests.text, level: nil,
                    split: "train", source: "test"),
            ], to: bench.created("questions") + "/questions.jsonl")
        let programs = ["print(input())", "print(1)", "print(int(input()) % 2 + 1)"]
        let answers =
            programs.map { ("program", "```python\n\($0)\n```", Finish.stop) } + [
                ("number", "18", .stop), ("program", "1", .stop),
                ("program", "```\nprint(input())\n```", .length), ("number", "17", .stop),
            ]
        try JSONLines.write(
            answers.enumerated().map { index, answer in
                Answer(
                    question: answer.0, sample: 0, rollout: index, answer: answer.1, tokens: 1,
                    finish: answer.2)
            }, to: bench.created("answers") + "/answers.jsonl")
        return bench
    }

    private func verdicts(_ bench: Bench) throws -> [VerdictRecord] {
        try bench.read(VerdictRecord.self, "verify/verdicts/verdicts.jsonl")
    }

    @Test("Programs are judged among other answers, in order, and the log names the Python")
    func mixture() async throws {
        let bench = try prepared()
        let log = try await bench.run("verify", as: "verify", in: answers)
        let found = try verdicts(bench)
        #expect(
            found.map(\.reason) == [
                nil, "wrong answer on test 2: '1', not '2'",
                "wrong answer on test 1: '2', not '1'", nil, "no code block", "no answer",
                "'17', not '18'",
            ])
        #expect(found.map(\.rollout) == Array(0..<7))
        #expect(found.allSatisfy { $0.judged == true })
        #expect(log.lines.contains { $0.hasPrefix("programs run with CPython 3.") })
        #expect(log.last("accuracy") == 2.0 / 7)
    }

    @Test("With all tests, the reason counts those that passed")
    func share() async throws {
        let bench = try prepared()
        try await bench.run("verify", as: "verify", ["all_tests": .bool(true)], in: answers)
        #expect(
            try verdicts(bench)[1].reason
                == "1 of 3 tests passed; wrong answer on test 2: '1', not '2'")
    }

    @Test(
        "The verifier may be named by the stage; then reference answers without tests are not judged"
    )
    func named() async throws {
        let bench = try prepared()
        try await bench.run(
            "verify", as: "verify",
            ["verifier": .string("code"), "unjudged_limit": .integer(1)], in: answers)
        let found = try verdicts(bench)
        #expect(found[0].correct && found[3].reason == "no code block")
    }

    @Test("A stage that is resumed with another Python fails")
    func interpreter() async throws {
        let bench = try prepared()
        try "CPython 2.7.18".write(
            toFile: bench.created("verify.work") + "/interpreter.txt", atomically: true,
            encoding: .utf8)
        let version = try ProgramSample.verifier().interpreter
        await #expect {
            try await bench.run("verify", as: "verify", in: answers)
        } throws: { error in
            "\(error)"
                == "this stage began to judge programs with CPython 2.7.18, but 'python3' is now \(version): resume it where CPython 2.7.18 is installed, or change an option such as `time_limit` to begin anew"
        }
    }

    @Test("A stage that is stopped while a program runs ends soon")
    func cancelled() async throws {
        let bench = try prepared()
        try JSONLines.write(
            [
                Answer(
                    question: "program", sample: 0, rollout: 0,
                    answer: "```\nimport time\ntime.sleep(1000)\n```", tokens: 1, finish: .stop)
            ], to: bench.directory + "/answers/answers.jsonl")
        let start = ContinuousClock.now
        await #expect(throws: CancellationError.self) {
            try await bench.run(
                "verify", as: "verify", ["time_limit": .integer(3600)], in: answers, stopAfter: 8)
        }
        #expect(ContinuousClock.now - start < .seconds(300))
    }

    @Test("A question without tests is an error that names it")
    func missing() async throws {
        let bench = try prepared()
        try JSONLines.write(
            [
                Question(
                    id: "program", task: "code", text: "Print it.", answer: nil, level: nil,
                    split: "train", source: "test")
            ], to: bench.directory + "/questions/questions.jsonl")
        try JSONLines.write(
            [
                Answer(
                    question: "program", sample: 0, rollout: 0, answer: "```\n1\n```", tokens: 1,
                    finish: .stop)
            ], to: bench.directory + "/answers/answers.jsonl")
        await #expect {
            try await bench.run("verify", as: "verify", in: answers)
        } throws: {
            "\($0)" == "the question program has no reference answer, which this stage needs"
        }
    }

    @Test(
        "Stages that sample judge programs too",
        arguments: ["sample.rollouts", "evaluate", "train.rl"])
    func samples(kind: String) async throws {
        let bench = try await Bench.withPrior()
        let tests = try ProgramSample.tests(("", "1"))
        let questions = try bench.read(Question.self, "questions/train/questions.jsonl").map {
            Question(
                id: $0.id, task: $0.task, text: $0.text, answer: tests.text, level: $0.level,
                split: $0.split, source: $0.source)
        }
        try JSONLines.write(questions, to: bench.directory + "/questions/train/questions.jsonl")
        let own: [String: JSONValue] =
            kind == "train.rl"
            ? ["steps": .integer(1), "batch": .integer(2), "group": .integer(2)] : [:]
        let log = try await bench.run(
            kind, as: "drawn", own.merging(["verifier": .string("code")]) { $1 },
            in: ["model": ["prior/model"], "questions": ["questions/train"]])
        let output = kind == "evaluate" ? "evaluation" : "rollouts"
        let rollouts = try bench.read(Rollout.self, "drawn/\(output)/rollouts.jsonl")
        #expect(!rollouts.isEmpty)
        // The model of Countdown writes no programs.
        let known: Set = [
            "no code block", "no answer", "the trace has no end", "the answer has no end",
        ]
        #expect(rollouts.allSatisfy { !$0.correct && known.contains($0.reason ?? "") })
        #expect(log.lines.contains { $0.hasPrefix("programs run with ") })
    }
}

extension Bench {
    /// The path of a directory that exists.
    fileprivate func created(_ name: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: directory + "/" + name, withIntermediateDirectories: true)
        return directory + "/" + name
    }
}
