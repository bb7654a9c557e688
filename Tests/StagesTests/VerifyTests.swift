import Foundation
import JSON
import Pipeline
import Reasoning
import Stages
import Testing

/// The stage `verify`, and programs that judge.
@Suite("Verifying answers", .timeLimit(.minutes(10)))
struct VerifyTests {
    /// Answers each line with its id and whether the response has `yes` in it, but for words that make it fail.
    private static let script = """
        while read -r line; do
          id=${line#*:}; id=${id%%,*}
          case "$line" in
            *slow*) exec sleep 1000 ;;
            *crash*) echo "what a mess" >&2; exit 3 ;;
            *talk*) echo "thinking" ;;
            *nonsense*) echo '{"id":'$id',"correct":"perhaps"}' ;;
            *mute*) echo '{"id":'$id'}' ;;
            *stranger*) echo '{"id":777,"correct":true}' ;;
          esac
          case "$line" in *yes*) correct=true ;; *) correct=false ;; esac
          echo '{"id":'$id',"correct":'$correct',"extracted":"'$id'","reason":null}'
        done
        """

    private func verifier(
        _ script: String = script, seconds: Double = 60, mostTimeouts: Int = 200,
        log: @escaping (String) -> Void = { _ in }
    ) throws -> ExternalVerifier {
        try ExternalVerifier(
            command: ["sh", "-c", script], seconds: seconds, mostTimeouts: mostTimeouts,
            environment: ["PATH": "/usr/bin:/bin"], log: log)
    }

    private func requests(_ responses: [String?]) -> [VerificationRequest] {
        responses.map { VerificationRequest(response: $0, gold: "g", question: nil) }
    }

    @Test("A program's verdicts come in the order of the answers, batch after batch")
    func verdicts() throws {
        let verifier = try verifier()
        defer { verifier.stop() }
        let first = try verifier.verdicts(on: requests(["yes", "no", nil]))
        #expect(
            first == [
                Verdict(isCorrect: true, reason: nil, extracted: "1"),
                Verdict(isCorrect: false, reason: "not correct", extracted: "2"),
                Verdict(isCorrect: false, reason: "no answer", extracted: nil),
            ])
        let many = try verifier.verdicts(on: requests((0..<500).map { _ in "yes" }))
        #expect(many.map(\.extracted) == (4..<504).map { "\($0)" })
    }

    @Test("Answers may come in another order")
    func order() throws {
        // Those with odd numbers wait for the next one.
        let verifier = try verifier(
            """
            held=
            while read -r line; do
              id=${line#*:}; id=${id%%,*}
              answer='{"id":'$id',"correct":true,"extracted":"'$id'"}'
              if [ $((id % 2)) = 1 ]; then held=$answer; continue; fi
              echo "$answer"
              if [ "$held" ]; then echo "$held"; fi
              held=
            done
            """)
        defer { verifier.stop() }
        let verdicts = try verifier.verdicts(on: requests((0..<100).map { _ in "yes" }))
        #expect(verdicts.map(\.extracted) == (1...100).map { "\($0)" })
    }

    @Test("Long requests and answers do not block each other")
    func volume() throws {
        let verifier = try verifier(
            """
            while read -r line; do
              id=${line#*:}; id=${id%%,*}
              echo '{"id":'$id',"correct":true,"extracted":"'$(printf '%0100000d' 1)'"}'
            done
            """)
        defer { verifier.stop() }
        let long = String(repeating: "x", count: 100_000)
        let verdicts = try verifier.verdicts(on: requests((0..<60).map { _ in long }))
        #expect(verdicts.count == 60 && verdicts.allSatisfy { $0.extracted?.count == 100_000 })
    }

    @Test("An answer that takes too long is not judged, and the others are")
    func timeout() throws {
        let verifier = try verifier(seconds: 0.5)
        defer { verifier.stop() }
        let verdicts = try verifier.verdicts(on: requests(["yes", "no", "slow", "yes", "yes"]))
        #expect(verdicts.map(\.isCorrect) == [true, false, false, true, true])
        #expect(verdicts[2] == .unjudged("the verifier took over 0.5 s"))
    }

    @Test("An answer that the program ends over is not judged, and the others are")
    func crash() throws {
        var log: [String] = []
        let verifier = try verifier { log.append($0) }
        defer { verifier.stop() }
        let verdicts = try verifier.verdicts(on: requests(["yes", "crash", "yes", "crash", "no"]))
        #expect(verdicts.map(\.isCorrect) == [true, false, true, false, false])
        #expect(verdicts.map(\.isJudged) == [true, false, true, false, true])
        #expect(verdicts.map(\.reason)[1] == "not judged: the verifier exited with status 3")
        #expect(verdicts.map(\.extracted) == ["1", nil, "3", nil, "5"])
        // Once among others, then twice alone; the second one never among others.
        #expect(log.count { $0 == "what a mess" } == 5)
    }

    @Test(
        "A program may say that it cannot tell",
        arguments: [
            (#""reason":"no such formula""#, "not judged: no such formula"),
            (#""reason":"not judged: no such formula""#, "not judged: no such formula"),
            (#""reason":null"#, "not judged: the verifier does not say why"),
            (#""extracted":null"#, "not judged: the verifier does not say why"),
        ])
    func cannotTell(_ field: String, _ reason: String) throws {
        let verifier = try verifier(
            """
            while read -r line; do
              id=${line#*:}; id=${id%%,*}
              echo '{"id":'$id',"correct":null,\(field)}'
            done
            """)
        defer { verifier.stop() }
        let verdict = try #require(try verifier.verdicts(on: requests(["yes"])).first)
        #expect(verdict.outcome == .unjudged && !verdict.isCorrect)
        #expect(verdict.reason == reason)
    }

    @Test("Lines that are no answers are the program's log")
    func log() throws {
        var log: [String] = []
        let verifier = try verifier { log.append($0) }
        defer { verifier.stop() }
        #expect(try verifier.verdicts(on: requests(["talk yes"])).map(\.isCorrect) == [true])
        #expect(log == ["thinking"])
    }

    @Test(
        "A program that cannot judge is an error that says why",
        arguments: [
            (
                "echo no such module >&2; exit 1", "yes",
                "exited with status 1 before it answered anything; its last line: no such module"
            ),
            (
                script, "nonsense",
                #"answered '{"id":1,"correct":"perhaps"}', in which `correct` must be true, false or null, `extracted` and `reason` texts or null"#
            ),
            (
                script, "mute",
                #"answered '{"id":1}', in which `correct` must be true, false or null, `extracted` and `reason` texts or null"#
            ),
            (
                script, "stranger",
                #"answered '{"id":777,"correct":true}', in which `id` is not that of a pending request"#
            ),
        ])
    func failures(_ script: String, _ response: String, _ problem: String) throws {
        let verifier = try verifier(script)
        defer { verifier.stop() }
        #expect {
            try verifier.verdicts(on: requests([response]))
        } throws: { error in
            "\(error)" == "the verifier 'sh -c \(script)' \(problem)"
        }
    }

    @Test("A program that ends over everything is given up")
    func hopeless() throws {
        let verifier = try verifier()
        defer { verifier.stop() }
        #expect {
            try verifier.verdicts(on: requests((0..<20).map { _ in "crash" }))
        } throws: { error in
            "\(error)"
                == "the verifier 'sh -c \(Self.script)' exited with status 3, 10 times in a row; "
                + "its last line: what a mess"
        }
    }

    @Test("A program that hangs at answer after answer is given up")
    func hanging() throws {
        let verifier = try verifier(seconds: 0.1, mostTimeouts: 4)
        defer { verifier.stop() }
        #expect {
            try verifier.verdicts(on: requests((0..<20).map { _ in "slow" }))
        } throws: { error in
            "\(error)"
                == "the verifier 'sh -c \(Self.script)' took over 0.1 s for each of 4 answers in a row: find out why it is slow, or raise `timeout`"
        }
    }

    @Test("A program that there is none of is named")
    func missing() throws {
        #expect {
            try ExternalVerifier(
                command: ["no-such-program"], seconds: 1, environment: ["PATH": "/usr/bin"],
                log: { _ in })
        } throws: { error in
            "\(error)" == "cannot start no-such-program: not found in PATH"
        }
    }

    /// A question with four answers, of which one was cut off.
    private func prepared(task: String, answer: String?) throws -> Bench {
        let bench = try Bench()
        let gold = answer.map { "\"\($0)\"" } ?? "null"
        try bench.write(
            [
                #"{"id":"q1","task":"\#(task)","text":"How many?","answer":\#(gold),"level":1,"split":"train","source":"test"}"#
            ], to: "questions/questions.jsonl")
        try bench.write(
            ["18", "#### 18.0", "17", "18"].enumerated().map {
                #"{"question":"q1","sample":0,"rollout":\#($0),"answer":"\#($1)","tokens":4,"finish":"\#($0 == 3 ? "length" : "stop")"}"#
            }, to: "answers/answers.jsonl")
        return bench
    }

    private func judged(
        _ bench: Bench, _ options: [String: JSONValue] = [:]
    ) async throws -> [VerdictRecord] {
        try await bench.run(
            "verify", as: "verify", options,
            in: ["answers": ["answers"], "questions": ["questions"]])
        return try bench.read(VerdictRecord.self, "verify/verdicts/verdicts.jsonl")
    }

    @Test("The task names the verifier, unless the stage does")
    func stage() async throws {
        let bench = try prepared(task: "numeric", answer: "9 + 9 = 18 #### 18")
        let verdicts = try await judged(bench)
        #expect(verdicts.map(\.correct) == [true, true, false, false])
        #expect(verdicts.map(\.reason) == [nil, nil, "'17', not '18'", "no answer"])
        #expect(verdicts.map(\.rollout) == [0, 1, 2, 3])
        let exact = try await judged(bench, ["verifier": .string("exact")])
        #expect(exact.map(\.correct) == [false, false, false, false])
    }

    @Test("The stage uses the external program")
    func external() async throws {
        let bench = try prepared(task: "text", answer: "18")
        try bench.write(
            [Self.script.replacingOccurrences(of: "*yes*", with: "*18*18*")], to: "judge.sh")
        let verdicts = try await judged(
            bench,
            [
                "verifier": .string("external"),
                "command": .array([.string("sh"), .string(bench.directory + "/judge.sh")]),
            ])
        #expect(verdicts.map(\.correct) == [true, true, false, false])
        #expect(verdicts.map(\.extracted) == ["1", "2", "3", nil])
        #expect(verdicts.map(\.reason) == [nil, nil, "not correct", "no answer"])
    }

    @Test(
        "A missing option or input is named",
        arguments: [
            (
                "text", "18", [:],
                "the task 'text' is not the name of a verifier: set `verifier`, or `task` of `ingest.jsonl`, to one of exact, numeric, boxed, choice, countdown, modular, code"
            ),
            (
                "numeric", nil, [:],
                "the question q1 has no reference answer, which this stage needs"
            ),
            (
                "text", "18", ["verifier": .string("external")],
                "the verifier 'external' needs `command`: the program and its arguments"
            ),
            (
                "numeric", "18", ["command": .array([.string("sh")])],
                "`command` requires `verifier: external` or `fallback: external`"
            ),
            (
                "numeric", "18", ["fallback": .string("external")],
                "the verifier 'external' needs `command`: the program and its arguments"
            ),
            (
                "numeric", "18",
                [
                    "verifier": .string("external"), "fallback": .string("external"),
                    "command": .array([.string("sh")]),
                ],
                "`fallback` requires a built-in verifier: leave it out, or `verifier: external`"
            ),
        ] as [(String, String?, [String: JSONValue], String)])
    func mistakes(
        _ task: String, _ answer: String?, _ options: [String: JSONValue], _ problem: String
    ) async throws {
        let bench = try prepared(task: task, answer: answer)
        await #expect {
            try await judged(bench, options)
        } throws: { error in
            "\(error)" == problem
        }
    }
}
