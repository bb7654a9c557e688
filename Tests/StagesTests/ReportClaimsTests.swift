import Foundation
import JSON
import Pipeline
import Reasoning
import Stages
import Testing

/// `report.claims` on made-up figures whose claims can be worked out by hand.
@Suite(.timeLimit(.minutes(10)))
struct ReportClaimsTests {
    private let main = "variational-accuracy-argmax-mix"

    private func run(
        _ bench: Bench, _ inputs: [String: [String]], _ options: [String: JSONValue] = [:]
    ) async throws -> (claims: [ClaimRecord], log: [String]) {
        let log = try await bench.run("report.claims", as: "report", options, in: inputs)
        let lines = log.events.compactMap { if case .log(let line) = $0 { line } else { nil } }
        return (try bench.read(ClaimRecord.self, "report/claims/claims.jsonl"), lines)
    }

    private func isNear(_ value: Double?, _ expected: Double, _ tolerance: Double = 1e-9) -> Bool {
        value.map { abs($0 - expected) < tolerance } ?? false
    }

    /// Questions of these levels.
    private func questions(_ bench: Bench, _ levels: [Int]) throws -> String {
        try bench.write(
            levels.enumerated().map {
                #"{"id":"q\#($0)","task":"countdown","text":"1 : 1","level":\#($1),"split":"test","source":"test"}"#
            }, to: "levels/questions.jsonl")
        return "levels"
    }

    // MARK: What needs nothing

    @Test("Without inputs there are the claims that need none, and the log names the others")
    func nothing() async throws {
        let (claims, log) = try await run(try Bench(), [:])
        #expect(
            claims.map(\.id) == Array(repeating: "T1", count: 5)
                + Array(repeating: "T2", count: 4) + Array(repeating: "T5", count: 3))
        #expect(claims.allSatisfy { $0.finding == "holds" && $0.low == nil && $0.high == nil })
        // Theorem 1: 1/n.
        #expect(isNear(claims[10].value, 0.25, 1e-6) && isNear(claims[11].value, 1 / 64.0, 1e-6))
        #expect(claims[9].value == 0)
        #expect(
            log == [
                "T7 is left out: it needs `evaluations`",
                "T8 is left out: it needs `evaluations`",
                "T9 is left out: it needs `evaluations`",
                "T10 is left out: it needs `evaluations`",
                "T12 is left out: it needs `evaluations`",
                "T13 is left out: it needs `evaluations`",
                "T16 is left out: it needs `evaluations`",
                "T17 is left out: it needs `evaluations`",
                "T18 is left out: it needs `evaluations`",
                "T11 on trained models is left out: it needs `evaluations`",
                "T15 on temperature is left out: it needs `evaluations`",
                "T1 on trained models is left out: it needs `bounds`",
                "T3 is left out: it needs `gradients`",
                "T4 is left out: it needs `gradients`",
                "T6 is left out: it needs `forward` and `reverse`",
                "T6 on variety is left out: it needs `forward_traces` and `reverse_traces`",
                "T11 is left out: it needs `exact_weights`",
                "T11 is left out: it needs `mean_weights`",
                "T14 is left out: it needs `prior_rollouts` and `prior_weights` and `weights`",
                "T15 on copies is left out: it needs `copied_answers` and `repeated_answers` and `weights`",
            ])
    }

    // MARK: Arms

    @Test("Two arms are compared in pairs of questions, and one replicate says so")
    func oneReplicate() async throws {
        let bench = try Bench()
        let (claims, log) = try await run(
            bench,
            [
                "evaluations": [
                    try evaluation(bench, main, [4, 4, 1]),
                    try evaluation(bench, "sft", [0, 2, 1]),
                ]
            ])
        let rows = claims.filter { $0.id == "T8" }
        #expect(
            rows.map(\.measured) == [
                "avg@4, \(main) less sft, all questions", "pass@4, \(main) less sft, all questions",
            ])
        // Differences 1, 1/2, 0: mean 1/2, standard deviation 1/2.
        // Student's quantile for 2 degrees is 4.3026527.
        let half = 4.302652729749462 * 50 / 3.0.squareRoot()
        #expect(isNear(rows[0].value, 50))
        #expect(isNear(rows[0].low, 50 - half) && isNear(rows[0].high, 50 + half))
        #expect(rows[0].unit == "points" && rows[0].finding == "undecided")
        #expect(
            rows[0].claim
                == "The method is more accurate than supervised training with as many steps."
        )
        #expect(
            rows[0].yardstick
                == "mean paired difference, 95% Student interval over 3 questions of one replicate, which says nothing of others"
        )
        #expect(rows[0].questions == 3 && rows[0].replicates == 1)
        // 1, 1, 1 against 0, 1, 1
        #expect(isNear(rows[1].value, 100 / 3.0))
        #expect(
            log.filter { $0.contains("evaluations have") } == [
                "T7 has no rows on no-hint, untrained-posterior: no evaluations have these labels",
                "T8 has no rows on prior, rft-all, rft-one, rft-matched, star, grpo, grpo-matched, dr-grpo, maxrl, likelihood-reward, posterior-sft, accuracy-only, ratio-only, weighted-draw, random-trace, no-leaks, variational-accuracy-normalized-mix: no evaluations have these labels",
                "T10 has no rows on variational-likelihood-argmax-mix, variational-geometric-mean-argmax-mix: no evaluations have these labels",
                "T11 has no rows on exact-ratio: no evaluations have this label",
                "T12 has no rows on variational-accuracy-argmax-no-mix: no evaluations have this label",
                "T13 has no rows on disjoint: no evaluations have this label",
                "T15 has no rows on tempered-sampled: no evaluations have this label",
                "T16 has no rows on algorithm-1, round-2, round-3: no evaluations have these labels",
            ])
    }

    @Test("Over replicates the interval is two-way, and the hardest level has rows of its own")
    func levels() async throws {
        let bench = try Bench()
        var directories: [String] = []
        for seed in [1, 2] {
            directories.append(try evaluation(bench, main, replicate: seed, [4, 2 + seed, 3]))
            directories.append(try evaluation(bench, "no-hint", replicate: seed, [4, 1, 1]))
        }
        let (claims, _) = try await run(
            bench, ["evaluations": directories, "questions": [try questions(bench, [1, 2, 2])]])
        let rows = claims.filter { $0.id == "T7" }
        #expect(
            rows.map(\.measured) == [
                "avg@4, \(main) less no-hint, all questions",
                "avg@4, \(main) less no-hint, questions of level 2",
            ])
        // (0 + 2 + 2 + 0 + 3 + 2) / 24, then without the first question.
        #expect(isNear(rows[0].value, 900 / 24.0) && isNear(rows[1].value, 900 / 16.0))
        #expect(
            rows[1].yardstick
                == "mean paired difference, 95% two-way interval over 2 replicates and 2 questions")
        #expect(rows[1].questions == 2 && rows[1].replicates == 2)
    }

    @Test("Replicates with questions of their own are compared by their means")
    func ownQuestions() async throws {
        let bench = try Bench()
        var directories: [String] = []
        for seed in [1, 2, 3] {
            directories.append(
                try evaluation(
                    bench, main, replicate: seed, [4, seed], prefix: "s\(seed)-"))
            directories.append(
                try evaluation(bench, "grpo", replicate: seed, [2, 0], prefix: "s\(seed)-"))
        }
        let (claims, _) = try await run(bench, ["evaluations": directories])
        let row = try #require(claims.first { $0.id == "T8" })
        // 3/8, 4/8, 5/8: mean 1/2, standard error 1/8 / sqrt 3; Student's quantile for 2 degrees is 4.3027.
        #expect(isNear(row.value, 50))
        #expect(isNear(row.low, 50 - 4.30265273 * 12.5 / 3.0.squareRoot(), 1e-5))
        #expect(row.finding == "holds")
        #expect(
            row.yardstick
                == "mean over 3 replicates of paired differences, each on questions of its own, 95% Student interval"
        )
    }

    @Test("The slope on log2 K is taken replicate by replicate")
    func tracesPerQuestion() async throws {
        let bench = try Bench()
        var directories: [String] = []
        // 0, 1/4, 1/2 and 0, 1/2, 1: slopes of 25 and 50 points a doubling.
        for seed in [1, 2] {
            for (power, label) in ["k1", "k2", "k4"].enumerated() {
                directories.append(
                    try evaluation(
                        bench, label, replicate: seed, [power * seed, power * seed]))
            }
        }
        let (claims, _) = try await run(bench, ["evaluations": directories])
        let row = try #require(claims.first { $0.id == "T9" })
        #expect(row.measured == "slope of avg@4 on log2 K, K = 1, 2, 4")
        #expect(isNear(row.value, 37.5) && row.unit == "points a doubling")
        // Student's quantile for 1 degree is 12.7062; the standard error is 12.5.
        #expect(isNear(row.low, 37.5 - 12.7062047 * 12.5, 1e-4) && row.finding == "undecided")
        #expect(row.yardstick == "mean over 2 replicates, 95% Student interval")
        #expect(row.replicates == 2 && row.questions == 2)
    }

    @Test("Estimators, mixing, disjoint data and rounds have the signs of their arms")
    func signs() async throws {
        let bench = try Bench()
        let arms: [(String, [Int])] = [
            (main, [3, 3, 3, 2]), ("variational-geometric-mean-argmax-mix", [3, 3, 3, 2]),
            ("variational-likelihood-argmax-mix", [1, 1, 1, 1]),
            ("variational-accuracy-argmax-no-mix", [2, 2, 2, 2]),
            ("variational-accuracy-normalized-mix", [2, 2, 2, 2]),
            ("variational-accuracy-normalized-no-mix", [3, 3, 3, 3]), ("disjoint", [0, 0, 0, 0]),
            ("round-2", [4, 4, 4, 4]), ("exact-ratio", [3, 3, 3, 2]),
        ]
        let (claims, _) = try await run(
            bench, ["evaluations": try arms.map { try evaluation(bench, $0.0, $0.1) }])
        func rows(_ id: String) -> [String] {
            claims.filter { $0.id == id }.map { "\($0.value ?? .nan) \($0.finding)" }
        }
        #expect(rows("T8") == ["18.75 undecided", "0.0 undecided"])
        // Four questions of which each says the same decide little.
        #expect(rows("T10") == ["43.75 holds", "43.75 holds", "0.0 undecided"])
        #expect(rows("T11") == ["0.0 undecided"])
        #expect(rows("T12") == ["18.75 undecided", "25.0 undecided"])
        #expect(rows("T13") == ["-68.75 does not hold"])
        #expect(rows("T16") == ["31.25 holds"])
        let equal = try #require(claims.first { $0.id == "T13" })
        #expect(equal.measured == "avg@4, disjoint less \(main), all questions")
        #expect(equal.yardstick.hasSuffix("; holds within 3.0 points of 0"))
        let other = try await run(
            bench, ["evaluations": try arms.map { try evaluation(bench, $0.0, $0.1) }],
            ["main": .string("variational-accuracy-normalized-no-mix")])
        #expect(
            other.claims.first { $0.id == "T8" }?.claim
                == "All traces of a question, weighted, train a better model than its best one.")
    }

    @Test("The table of arms has means over replicates, or the interval of the only one")
    func arms() async throws {
        let bench = try Bench()
        _ = try await run(
            bench,
            [
                "evaluations": [
                    try evaluation(bench, "sft", replicate: 1, [2, 1, 1, 0, 4]),
                    try evaluation(bench, "base", [1, 1]),
                    try evaluation(bench, "sft", replicate: 2, [2, 4, 2, 1, 3]),
                ]
            ])
        let rows = try bench.read(ArmRecord.self, "report/claims/arms.jsonl")
        #expect(rows.map(\.label) == ["sft", "base"] && rows.map(\.replicates) == [2, 1])
        // 0.4 and 0.6: Student's interval for 1 degree of freedom goes beyond 0 and 1.
        #expect(isNear(rows[0].value, 0.5) && rows[0].low == 0 && rows[0].high == 1)
        #expect(rows[1].value == 0.25 && rows[1].low == 0 && rows[1].high == 1)
        #expect(rows.map(\.questions) == [5, 2] && rows.map(\.measure) == ["avg@4", "avg@4"])
    }

    @Test("Replicates that agree to the last bit count as one")
    func copies() async throws {
        let bench = try Bench()
        var directories: [String] = []
        for seed in [1, 2] {
            for (label, correct) in [("k1", [0, 1]), ("k2", [1, 2]), ("k4", [2, 4])] {
                directories.append(try evaluation(bench, label, replicate: seed, correct))
            }
        }
        let (claims, _) = try await run(bench, ["evaluations": directories])
        let rows = try bench.read(ArmRecord.self, "report/claims/arms.jsonl")
        // The interval that an evaluation in these tests has.
        #expect(rows.allSatisfy { $0.low == 0 && $0.high == 1 && $0.replicates == 2 })
        let slope = try #require(claims.first { $0.id == "T9" })
        #expect(
            slope.yardstick
                == "least squares, 95% Student interval, over 3 points of one replicate")
        #expect(slope.finding == "undecided")
    }

    @Test("Arms that cannot be paired are named")
    func mistakes() async throws {
        let bench = try Bench()
        let (one, two) = (
            try evaluation(bench, main, replicate: 1, [1, 2]),
            try evaluation(bench, main, replicate: 2, [1, 2])
        )
        let sft = try evaluation(bench, "sft", replicate: 1, [1, 2])
        let few = try evaluation(bench, "prior", replicate: 1, [1])
        for (directories, message) in [
            (
                [one, two, sft],
                "\(main) has the replicates 1, 2, sft has 1: compare models of the same replicates"
            ),
            (
                [one, few],
                "\(main) and prior in replicate 1 do not have the same questions, such as q1: evaluate both on the same questions"
            ),
            (
                [one, one],
                "two evaluations are labelled '\(main)' in replicate 1: give each its own `label` or `replicate`"
            ),
        ] {
            await #expect {
                _ = try await run(bench, ["evaluations": directories])
            } throws: { "\($0)" == message }
        }
    }
}
