import JSON
import Pipeline
import Reasoning
import Stages
import Testing

/// The primary claim, adjusted findings and companion rows of `report.claims`.
@Suite("Adjusted claims", .timeLimit(.minutes(10)))
struct AdjustedClaimsTests {
    private let main = "variational-accuracy-argmax-mix"

    private func run(
        _ bench: Bench, _ evaluations: [String], _ options: [String: JSONValue] = [:]
    ) async throws -> (claims: [ClaimRecord], log: [String]) {
        let log = try await bench.run(
            "report.claims", as: "report", options, in: ["evaluations": evaluations])
        return (try bench.read(ClaimRecord.self, "report/claims/claims.jsonl"), log.lines)
    }

    private func isNear(_ value: Double?, _ expected: Double, _ tolerance: Double = 1e-9) -> Bool {
        value.map { abs($0 - expected) < tolerance } ?? false
    }

    /// An arm that is right so often of 4 on each of two questions, by replicate.
    private func arm(_ bench: Bench, _ label: String, _ correct: [Int]) throws -> [String] {
        try correct.enumerated().map {
            try evaluation(bench, label, replicate: $0, [$1, $1])
        }
    }

    @Test("The primary claim comes first, is tested alone, and has a plan")
    func primary() async throws {
        let bench = try Bench()
        let evaluations = try [
            arm(bench, main, [1, 2, 3]), arm(bench, "grpo", [0, 0, 0]),
            arm(bench, "sft", [1, 2, 3]),
        ].flatMap { $0 }
        let (claims, log) = try await run(bench, evaluations, ["primary": .string("grpo")])
        let row = claims[0]
        #expect(row.id == "T8" && row.measured == "avg@4, \(main) less grpo, all questions")
        #expect(claims.map(\.isPrimary) == [true] + claims.dropFirst().map { _ in false })
        #expect(claims[1].measured == "pass@4, \(main) less grpo, all questions")
        // 25, 50 and 75 points, whose standard error is 25 / sqrt 3 with 2 degrees of freedom: t is 2 sqrt 3.
        #expect(isNear(row.pValue, 1 - 12.0.squareRoot() / 14.0.squareRoot()))
        #expect(row.finding == "undecided" && row.adjustedFinding == "undecided")
        #expect(isNear(row.detectable, (4.3026527 + 1.0606602) * 25 / 3.0.squareRoot(), 1e-5))
        // All differences between questions are 0.
        #expect(
            log.filter { $0.hasPrefix("primary claim") } == [
                "primary claim, points found with 80% power: 3 seeds, 77.4 on 200, 77.4 on 400, 77.4 on 800, 77.4 on 1600 questions",
                "primary claim, points found with 80% power: 5 seeds, 41.6 on 200, 41.6 on 400, 41.6 on 800, 41.6 on 1600 questions",
                "primary claim, points found with 80% power: 10 seeds, 24.9 on 200, 24.9 on 400, 24.9 on 800, 24.9 on 1600 questions",
                "primary claim, points found with 80% power: 20 seeds, 16.5 on 200, 16.5 on 400, 16.5 on 800, 16.5 on 1600 questions",
            ])
    }

    @Test("Arms that do not differ have no plan")
    func noPlan() async throws {
        let bench = try Bench()
        let evaluations = try arm(bench, main, [1, 2, 3]) + arm(bench, "grpo", [1, 2, 3])
        let (claims, log) = try await run(bench, evaluations, ["primary": .string("grpo")])
        #expect(claims[0].isPrimary && claims[0].detectable == nil)
        #expect(!log.contains { $0.hasPrefix("primary claim") })
    }

    @Test("Arms with fewer answers are named as such, and limit only their own comparisons")
    func fewerAnswers() async throws {
        let bench = try Bench()
        let single = try (0...1).map {
            try evaluation(bench, "sft", replicate: $0, [1, 0], samples: 1)
        }
        let evaluations =
            try arm(bench, main, [1, 2]) + arm(bench, "grpo", [0, 1]) + single
        let measured = try await run(bench, evaluations).claims.map(\.measured)
        #expect(measured.contains("pass@4, \(main) less grpo, all questions"))
        #expect(measured.contains("avg@4 and avg@1, \(main) less sft, all questions"))
        #expect(!measured.contains { $0.hasPrefix("pass@") && $0.contains("less sft") })
    }

    @Test("A label that no other claim compares can be the primary one")
    func unknown() async throws {
        let bench = try Bench()
        let evaluations = try arm(bench, main, [1, 2]) + arm(bench, "own", [1, 1])
        let (claims, _) = try await run(bench, evaluations, ["primary": .string("own")])
        #expect(claims[0].isPrimary)
        #expect(claims[0].claim == "The method is more accurate than own.")
        let (others, log) = try await run(bench, evaluations)
        #expect(others.allSatisfy { !$0.isPrimary })
        #expect(
            log.contains(
                "no claim compares own: an arm with a label of its own is compared only as `main` or `primary`"
            ))
    }

    @Test("All findings on other claims are adjusted together; the primary one is not")
    func adjusted() async throws {
        let bench = try Bench()
        let evaluations = try [
            arm(bench, main, [2, 2, 3]), arm(bench, "grpo", [0, 0, 0]),
            arm(bench, "sft", [0, 0, 0]), arm(bench, "rft-all", [0, 0, 0]),
        ].flatMap { $0 }
        func findings(_ options: [String: JSONValue]) async throws -> [String] {
            try await run(bench, evaluations, options).claims.filter { $0.pValue != nil }.map {
                "\($0.finding), \($0.adjustedFinding ?? "none")"
            }
        }
        // 50, 50 and 75 points: t is 7, and the p-value 1 - 7 / sqrt 51 = 0.0198, which holds twice but not thrice.
        #expect(
            try await findings([:]) == [
                "holds, undecided", "holds, undecided", "holds, undecided",
            ])
        #expect(
            try await findings(["primary": .string("grpo")])
                == ["holds, holds", "holds, holds", "holds, holds"])
        // Rows without Student's interval are not adjusted: pass@4 does not vary.
        let rows = try await run(bench, evaluations).claims.filter { $0.pValue == nil }
        #expect(rows.count { $0.id == "T8" } == 3)
        #expect(rows.allSatisfy { $0.adjustedFinding == nil && $0.detectable == nil })
    }

    @Test("Five replicates have a row on their median too")
    func medians() async throws {
        let bench = try Bench()
        let evaluations =
            try arm(bench, main, [1, 2, 3, 3, 2]) + arm(bench, "sft", [0, 0, 0, 0, 0])
        let rows = try await run(bench, evaluations).claims.filter { $0.id == "T8" }
        #expect(
            rows.map(\.measured) == [
                "avg@4, \(main) less sft, all questions",
                "median over replicates: avg@4, \(main) less sft, all questions",
                "pass@4, \(main) less sft, all questions",
            ])
        #expect(rows[1].value == 50 && rows[1].low == 25 && rows[1].high == 75)
        #expect(rows[1].pValue == nil && rows[1].finding == "holds" && rows[1].replicates == 5)
        #expect(
            rows[1].yardstick
                == "median over 5 replicates of their mean paired differences, 93.75% interval of the sign test, for these questions"
        )
    }

    @Test("Rounds, temperatures, hinted text and demonstrations have the texts of their arms")
    func texts() async throws {
        let bench = try Bench()
        let labels = [
            main, "round-2", "expert-iteration-2", "tempered-sampled", "tempered-untempered",
            "untrained-posterior", "variational-hinted-0", "rft-matched-hinted-0",
            "variational-hinted-0.1", "rft-matched-hinted-0.1", "variational-hinted-0.4",
            "full-variational", "full-rft-matched", "no-leaks",
        ]
        let (claims, log) = try await run(
            bench, try labels.map { try evaluation(bench, $0, [1, 2]) })
        func texts(_ id: String) -> [String] {
            claims.filter { $0.id == id }.map(\.claim).reduce(into: []) {
                if $0.last != $1 { $0.append($1) }
            }
        }
        #expect(
            texts("T7") == [
                "Traces of the trained posterior train a better model than those of the prior with the hint."
            ])
        #expect(
            texts("T8") == [
                "The method is more accurate than the method without traces that state the answer before working it out."
            ])
        #expect(
            texts("T15") == [
                "Traces drawn at another temperature train a better model with the log-probabilities they were drawn with than with those at temperature 1.",
                "Traces drawn at temperature 1 train a better model than traces drawn at another temperature.",
            ])
        #expect(
            texts("T16") == [
                "A second round makes a better model.",
                "Two rounds of the method are more accurate than expert iteration of equal cost.",
            ])
        #expect(
            texts("T17") == [
                "With a share of 0 of hinted text, the method is more accurate than rejection sampling with as many generated tokens.",
                "With a share of 0.1 of hinted text, the method is more accurate than rejection sampling with as many generated tokens.",
            ])
        #expect(
            texts("T18") == [
                "With demonstrations for every question, the method is more accurate than rejection sampling with as many generated tokens."
            ])
        #expect(
            log.contains(
                "T17 has no rows on rft-matched-hinted-0.4: no evaluations have this label"))
        #expect(
            log.contains(
                "T18 has no rows on full-sft, full-weighted-accuracy, full-weighted-geometric-mean: no evaluations have these labels"
            ))
    }

    @Test("A primary claim that cannot be tested is an error")
    func mistakes() async throws {
        let bench = try Bench()
        let evaluations = try arm(bench, main, [1, 2]) + arm(bench, "sft", [1, 1])
        for (options, message) in [
            (
                ["primary": .string("none")],
                "no evaluation is labelled 'none', the value of `primary`: the labels are \(main), sft"
            ),
            (
                ["primary": .string("sft"), "main": .string("variational")],
                "no evaluation is labelled 'variational', the value of `main`: the labels are \(main), sft"
            ),
            (
                ["primary": .string(main)],
                "`primary` is the arm of `main`: name the arm that the method is compared with"
            ),
        ] as [([String: JSONValue], String)] {
            await #expect {
                _ = try await run(bench, evaluations, options)
            } throws: { "\($0)" == message }
        }
        await #expect {
            try await bench.run("report.claims", as: "report", ["primary": .string("sft")], in: [:])
        } throws: {
            "\($0)" == "the input `evaluations` is needed: `primary` names one of them"
        }
    }
}
