import Foundation
import JSON
import Pipeline
import Reasoning
import Stages
import Testing
import VariationalInference

/// How stages judge answers, by verifiers and by programs.
@Suite("Judging answers", .timeLimit(.minutes(10)))
struct JudgeTests {
    /// Goes by the text alone: what has a 7 cannot be told, what has a 3 is correct.
    private static let script = """
        while read -r line; do
          id=${line#*:}; id=${id%%,*}
          response=${line#*response\\":\\"}; response=${response%%\\"*}
          case "$response" in
            *stuck*) echo "stuck in $$"; exec sleep 1000 ;;
            *7*) verdict='null,"reason":"it has a 7"' ;;
            *3*) verdict=true ;;
            *) verdict='false,"reason":"it has no 3"' ;;
          esac
          case "$line" in *seen*) ;; *) printf 'asked %s\n' "$response" ;; esac
          echo '{"id":'$id',"correct":'$verdict'}'
        done
        """

    private func command(_ bench: Bench) throws -> JSONValue {
        try bench.write([Self.script], to: "judge.sh")
        return .array([.string("sh"), .string(bench.directory + "/judge.sh")])
    }

    // MARK: verify

    /// A question whose reference answer is `x+1`, with answers.
    private func prepared(_ answers: [String]) throws -> Bench {
        let bench = try Bench()
        try bench.write(
            [
                #"{"id":"q1","task":"boxed","text":"How many?","answer":"x+1","level":1,"split":"train","source":"test"}"#
            ], to: "questions/questions.jsonl")
        try bench.write(
            answers.enumerated().map {
                #"{"question":"q1","sample":0,"rollout":\#($0),"answer":"\\boxed{\#($1)}","tokens":4,"finish":"stop"}"#
            }, to: "answers/answers.jsonl")
        return bench
    }

    private let answers = ["answers": ["answers"], "questions": ["questions"]]

    @Test("The program judges only the answers that the verifier cannot judge")
    func fallback() async throws {
        let bench = try prepared(["x+1", "x+3", "x+7", "y"])
        let log = try await bench.run(
            "verify", as: "verify",
            [
                "fallback": .string("external"), "command": try command(bench),
                "unjudged_limit": .number(0.25),
            ], in: answers)
        let verdicts = try bench.read(VerdictRecord.self, "verify/verdicts/verdicts.jsonl")
        #expect(verdicts.map(\.correct) == [true, true, false, false])
        #expect(verdicts.map(\.judged) == [true, true, false, true])
        #expect(verdicts.map(\.reason) == [nil, nil, "not judged: it has a 7", "it has no 3"])
        let asked = log.lines.filter { $0.hasPrefix("asked") }
        #expect(
            asked == [
                "asked 1", #"asked \\boxed{x+3}"#, #"asked \\boxed{x+7}"#, #"asked \\boxed{y}"#,
            ])
        #expect(log.last("accuracy") == 0.5 && log.last("unjudged") == 0.25)
    }

    @Test("Without anything to ask it, the program is not started")
    func needless() async throws {
        let bench = try prepared(["x+1"])
        let log = try await bench.run(
            "verify", as: "verify",
            ["fallback": .string("external"), "command": try command(bench)], in: answers)
        #expect(log.lines == [] && log.last("unjudged") == 0)
    }

    @Test("Too many unjudged answers are an error")
    func limit() async throws {
        let bench = try prepared(["x+1", "x+1", "x+1", "2x+1-x"])
        await #expect {
            try await bench.run("verify", as: "verify", in: answers)
        } throws: {
            "\($0)"
                == "1 of 4 answers are not judged, more than the share of 0.1 that `unjudged_limit` allows, such as one to the question q1 (not judged: whether '2x+1-x' equals 'x+1' needs algebra, which the verifier 'external' can have): use a program with `fallback: external`, or raise `unjudged_limit`"
        }
        let log = try await bench.run(
            "verify", as: "verify", ["unjudged_limit": .number(0.25)], in: answers)
        #expect(log.last("unjudged") == 0.25 && log.last("accuracy") == 0.75)
        #expect(
            log.events.contains(
                .warning(
                    "1 of 4 answers are not judged and count as not correct, such as one to the question q1 (not judged: whether '2x+1-x' equals 'x+1' needs algebra, which the verifier 'external' can have)"
                )))
    }

    @Test("No answers are no reason to fail")
    func nothing() async throws {
        let bench = try prepared([])
        try "".write(
            toFile: bench.directory + "/answers/answers.jsonl", atomically: true, encoding: .utf8)
        let log = try await bench.run(
            "verify", as: "verify", ["unjudged_limit": .integer(0)], in: answers)
        #expect(log.last("unjudged") == 0)
    }

    // MARK: Stages that run a model

    private let inputs = ["model": ["prior/model"], "questions": ["questions/train"]]

    private func options(_ bench: Bench) throws -> [String: JSONValue] {
        [
            "verifier": .string("external"), "command": try command(bench),
            "unjudged_limit": .integer(1),
        ]
    }

    /// What the script says.
    private func expected(_ rollout: Rollout) -> (correct: Bool, judged: Bool) {
        guard let answer = rollout.answer, !answer.isEmpty else { return (false, true) }
        let isJudged = !answer.contains("7")
        return (isJudged && answer.contains("3"), isJudged)
    }

    @Test(
        "The program judges whole completions too", arguments: ["sample.rollouts", "evaluate"])
    func rollouts(kind: String) async throws {
        let bench = try await Bench.withPrior()
        let own = kind == "evaluate" ? "samples" : "per_question"
        let output = kind == "evaluate" ? "evaluation" : "rollouts"
        let log = try await bench.run(
            kind, as: "drawn", try options(bench).merging([own: .integer(6)]) { $1 }, in: inputs)
        let rollouts = try bench.read(Rollout.self, "drawn/\(output)/rollouts.jsonl")
        #expect(rollouts.count == 72)
        for rollout in rollouts {
            let (isCorrect, isJudged) = expected(rollout)
            #expect(rollout.correct == isCorrect && rollout.judged == isJudged)
            if !isJudged { #expect(rollout.reason == "not judged: it has a 7") }
        }
        let unjudged = rollouts.count { $0.judged == false }
        let correct = rollouts.count(where: \.correct)
        #expect(unjudged > 0 && correct > 0)
        // What was cut off was not there to judge.
        let answers = rollouts.count { $0.answer != nil && $0.reason != "no answer" }
        #expect(log.last("unjudged") == Double(unjudged) / Double(answers))
        let accuracy = try #require(log.last(kind == "evaluate" ? "avg@6" : "accuracy"))
        #expect(abs(accuracy - Double(correct) / 72) < 1e-12)
        // Asked the meaningless first request once: it was started once.
        #expect(log.lines.count { $0 == "asked 1" } == 1)
    }

    @Test("Sampling that goes on after its first part has the same verdicts")
    func resume() async throws {
        let bench = try await Bench.withPrior(questions: 300)
        let options = try options(bench).merging(
            ["per_question": .integer(1), "max_tokens": .integer(24)]
        ) { $1 }
        try await bench.run("sample.rollouts", as: "drawn", options, in: inputs)
        let whole = try bench.data("drawn/rollouts/rollouts.jsonl")
        for path in ["drawn/rollouts/rollouts.jsonl", "drawn.work/rollouts/256.jsonl"] {
            try FileManager.default.removeItem(atPath: bench.directory + "/" + path)
        }
        let log = try await bench.run(
            "sample.rollouts", as: "drawn", options, in: inputs, threads: 1)
        #expect(log.events.contains(.resumed(step: 1)))
        #expect(try bench.data("drawn/rollouts/rollouts.jsonl") == whole)
    }

    @Test(
        "If a stage ends while it waits for the program, the program ends too",
        arguments: ["verify", "sample.rollouts", "evaluate", "train.rl"])
    func cancelled(kind: String) async throws {
        let bench = kind == "verify" ? try prepared(["stuck"]) : try await Bench.withPrior()
        // It answers the request of no meaning, says where it is, and answers nothing more.
        let script =
            #"read -r line; echo '{"id":0,"correct":true}'; echo $$ > \#(bench.directory)/pid; exec sleep 1000"#
        let options: [String: JSONValue] = [
            "verifier": .string("external"), "timeout": .integer(1000),
            "command": .array([.string("sh"), .string("-c"), .string(script)]),
        ].merging(kind == "train.rl" ? ["steps": .integer(1)] : [:]) { $1 }
        await #expect(throws: CancellationError.self) {
            try await bench.run(
                kind, as: "drawn", options, in: kind == "verify" ? answers : inputs, stopAfter: 5)
        }
        let pid = try #require(
            Int32(
                String(decoding: try bench.data("pid"), as: UTF8.self)
                    .trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(pid, 0) == -1 && errno == ESRCH)
    }

    @Test(
        "A stage that is sure to have too many answers without judgement does not go on",
        arguments: ["sample.rollouts", "evaluate", "train.rl"])
    func limits(kind: String) async throws {
        let bench = try await Bench.withPrior()
        // It can tell of nothing.
        let script =
            #"read -r line; echo '{"id":0,"correct":true}'; while read -r line; do id=${line#*:}; echo '{"id":'${id%%,*}',"correct":null}'; done"#
        let options: [String: JSONValue] = [
            "verifier": .string("external"), "unjudged_limit": .number(0.01),
            "command": .array([.string("sh"), .string("-c"), .string(script)]),
        ].merging(
            kind == "train.rl"
                ? ["steps": .integer(5), "batch": .integer(6), "group": .integer(8)]
                : [kind == "evaluate" ? "samples" : "per_question": .integer(20)]
        ) { $1 }
        await #expect {
            try await bench.run(kind, as: "drawn", options, in: inputs)
        } throws: { error in
            guard
                case VerificationError.unjudged(
                    let count, let answers, let limit, _, let reason, _)? =
                    error as? VerificationError
            else { return false }
            return answers == 240 && count > 2 && count < 240 && limit == 0.01
                && reason == "not judged: the verifier does not say why"
        }
    }

    // MARK: Reinforcement learning

    private let learning: [String: JSONValue] = [
        "steps": .integer(4), "batch": .integer(4), "group": .integer(8),
        "epochs": .integer(2), "advantage": .string("rloo"), "learning_rate": .number(0.01),
        "reward_format": .number(0.25),
    ]

    @Test(
        "A policy learns nothing from a rollout that was not judged, nor has it a part in a baseline"
    )
    func reinforcement() async throws {
        let bench = try await Bench.withPrior()
        let log = try await bench.run(
            "train.rl", as: "rl", try options(bench).merging(learning) { $1 }, in: inputs)
        let rollouts = try bench.read(Rollout.self, "rl/rollouts/rollouts.jsonl")
        #expect(rollouts.count == 2 * 4 * 8)
        var (unjudged, signals) = (0, 0)
        for start in stride(from: 0, to: rollouts.count, by: 8) {
            let group = rollouts[start..<start + 8]
            #expect(Set(group.map(\.question)).count == 1)
            let judged = group.filter { $0.judged == true }
            unjudged += 8 - judged.count
            let rewards = judged.map { $0.correct ? 1 : $0.answer == nil ? 0 : 0.25 }
            #expect(judged.map(\.reward) == rewards)
            #expect(judged.map(\.advantage) == Advantage.leaveOneOut.values(rewards: rewards))
            signals += Set(rewards).count > 1 && judged.count < 8 ? 1 : 0
            for rollout in group where rollout.judged == false {
                #expect(rollout.reward == nil && rollout.advantage == nil && !rollout.correct)
            }
        }
        #expect(unjudged > 0 && signals > 0)
        let last = rollouts.suffix(32)
        let answers = last.count { $0.answer != nil && $0.reason != "no answer" }
        #expect(
            log.last("unjudged") == Double(last.count { $0.judged == false }) / Double(answers))
        let rewards = last.compactMap(\.reward)
        #expect(
            abs(try #require(log.last("reward")) - rewards.reduce(0, +) / Double(rewards.count))
                < 1e-12)
    }

    @Test("Learning from a program's verdicts that is stopped anywhere gives the same bits")
    func resumedReinforcement() async throws {
        let bench = try await Bench.withPrior()
        // Every attempt has the time for a batch, and none for all of them.
        let options = try options(bench).merging(learning) { $1 }.merging(
            ["steps": .integer(12), "epochs": .integer(1), "group": .integer(4)]
        ) { $1 }
        try await bench.run("train.rl", as: "whole", options, in: inputs, threads: 1)
        let attempts = try await bench.runInParts(
            "train.rl", as: "parts", options, in: inputs, stopAfter: 40
        ).attempts
        #expect(attempts > 1)
        for file in ["model/model.safetensors", "rollouts/rollouts.jsonl"] {
            #expect(try bench.data("parts/\(file)") == bench.data("whole/\(file)"))
        }
    }

    @Test("Dynamic sampling replaces groups without judged rollouts")
    func dynamicSampling() async throws {
        let bench = try await Bench.withPrior()
        try await bench.run(
            "train.rl", as: "rl",
            try options(bench).merging([
                "steps": .integer(2), "batch": .integer(3), "group": .integer(4),
                "dynamic_sampling": .integer(4),
            ]) { $1 }, in: inputs)
        let rollouts = try bench.read(Rollout.self, "rl/rollouts/rollouts.jsonl")
        for start in stride(from: 0, to: rollouts.count, by: 4) {
            let group = rollouts[start..<start + 4]
            let rewards = Set(group.compactMap(\.reward))
            #expect(group.allSatisfy { ($0.judged == true) == ($0.reward != nil) })
            // Kept only with rewards that differ among those that were judged.
            if rewards.count < 2 { #expect(group.allSatisfy { $0.advantage == nil }) }
        }
        #expect(rollouts.contains { $0.judged == false })
    }
}
