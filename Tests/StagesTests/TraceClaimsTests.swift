import Foundation
import Pipeline
import Reasoning
import Stages
import Testing

/// The claims of `report.claims` on gradients, posteriors, weights and bounds, on made-up records.
@Suite(.timeLimit(.minutes(10)))
struct TraceClaimsTests {
    private func run(
        _ bench: Bench, _ inputs: [String: [String]]
    ) async throws -> [ClaimRecord] {
        try await bench.run("report.claims", as: "report", in: inputs)
        // Without those that need no input.
        return try bench.read(ClaimRecord.self, "report/claims/claims.jsonl").filter {
            $0.id != "T2" && $0.id != "T5" && !$0.yardstick.hasPrefix("exact sums")
        }
    }

    private func isNear(_ value: Double?, _ expected: Double, _ tolerance: Double = 1e-9) -> Bool {
        value.map { abs($0 - expected) < tolerance } ?? false
    }

    // MARK: T1

    /// Two questions with these log likelihoods and one log ratio; nil for a trace without a correct answer.
    private func bounds(
        _ bench: Bench, _ name: String, _ a: [Double?], _ b: [Double?], ratio: Double = 0,
        first: Int = 0
    ) throws -> String {
        try bench.write(
            [("a", a), ("b", b)].flatMap { question, values in
                values.enumerated().map { sample, value in
                    #"{"question":"\#(question)","sample":\#(first + sample),"estimator":"likelihood","ratio":"exact","log_ratio":\#(ratio),"log_likelihood":\#(value.map { "\($0)" } ?? "null"),"log_rho":\#(value.map { "\($0 + ratio)" } ?? "null"),"weight":0,"selected":false,"tokens":9}"#
                }
            }, to: "\(name)/weights.jsonl")
        return name
    }

    @Test("Trained models' bounds are compared on traces of their own, and with log P(Y_x|x)")
    func trainedBounds() async throws {
        let bench = try Bench()
        // L^1 is of the first trace, L^2 of the next two, and the last one is too few for L^4.
        let first = try bounds(bench, "b1", [-5, -3, -3, 0], [-4, nil, log(2) - 3, 0])
        let alone = try await run(bench, ["bounds": [first]])
        #expect(alone.map(\.id) == ["T1"] && isNear(alone[0].value, 1.5))
        #expect(
            alone[0].measured
                == "L^2 less L^1, each on traces of its own"
        )
        // Steps of 2 and 1, which two questions decide nothing with: Student's quantile for 1 degree is 12.7.
        #expect(isNear(alone[0].low, 1.5 - 12.706204736 * 0.5, 1e-8))
        #expect(alone[0].finding == "undecided")
        #expect(alone[0].questions == 2 && alone[0].replicates == 1)
        // A trace counts exp(log likelihood) / (2 + 3 exp(-log ratio)) in P, for two traces of the prior and three of q:
        // 1/4 of it where pi is 3/2 times q, 1/5 where both are equal.
        let third = try bounds(bench, "b3", [-5, -3, -3], [-4, nil, log(2) - 3])
        let evidence = try bounds(bench, "e1", [-1, -1], [-2, nil], ratio: log(1.5))
        let whole = try await run(bench, ["bounds": [third], "evidence": [evidence]])
        #expect(whole.map(\.id) == ["T1", "T1"])
        let a: Double = log((exp(-5.0) + 2 * exp(-3.0)) / 5 + 2 * exp(-1.0) / 4)
        let b: Double = log((exp(-4.0) + 2 * exp(-3.0)) / 5 + exp(-2.0) / 4)
        #expect(isNear(whole[1].value, (a + b) / 2 + 3))
        #expect(
            whole[1].measured
                == "log P(Y_x|x), from traces of prior and posterior together, less L^2")
        // A trace is missing.
        let partial = try bounds(bench, "b4", [-5, -3, -3], [-4, -3, -3], first: 1)
        #expect(try await run(bench, ["bounds": [partial]]).isEmpty)
        // A bound that falls, in a second replicate: steps of -1 and -1.
        let second = try bounds(bench, "b2", [-2, -3, -3], [-2, -3, -3])
        let both = try #require(try await run(bench, ["bounds": [first, second]]).first)
        #expect(isNear(both.value, 0.25) && both.replicates == 2 && both.finding == "undecided")
    }

    // MARK: T3, T4

    /// Rows of one method over three bins of accuracy.
    private func gradients(
        _ method: String, _ group: Int, weights: [Double], error: Double, exact: [Double],
        gap: Double?, share: Double
    ) -> [String] {
        [(0.0, 0.125, 0.1), (0.125, 0.25, 0.2), (0.25, 0.5, 0.4)].enumerated().map { index, bin in
            #"{"method":"\#(method)","group_size":\#(group),"low":\#(bin.0),"high":\#(bin.1),"questions":20,"measured":20,"accuracy":\#(bin.2),"weight":\#(weights[index]),"weight_error":\#(error),"exact":\#(exact[index]),"gap_error":\#(gap.map { "\($0)" } ?? "null"),"loss_share":0.3,"gradient_share":\#(index == 0 ? share : (1 - share) / 2)}"#
        }
    }

    @Test("Distances are in standard errors, slopes are of logs, shares those of hard questions")
    func gradientClaims() async throws {
        let bench = try Bench()
        let p = [0.1, 0.2, 0.4]
        try bench.write(
            gradients("rft-all", 8, weights: p, error: 0, exact: p, gap: 0, share: 0.1)
                + gradients(
                    // Twice the slope; the first weight is 2.5 standard errors from the exact one.
                    "grpo", 8, weights: [0.1, 0.4, 1.6], error: 0.01, exact: [0.125, 0.4, 1.6],
                    gap: 0.01, share: 0.2)
                + gradients(
                    "variational", 4, weights: [0.9, 0.9, 0.9], error: 0.009, exact: [1, 1, 1],
                    gap: nil, share: 0.5), to: "study/gradients.jsonl")
        // Rejection sampling has no error here, so nothing is a distance; Student's bound for 19 degrees of freedom and three
        // distances is 2.63.
        let claims = try await run(bench, ["gradients": ["study"]])
        let distance = try #require(claims.first { $0.id == "T3" })
        #expect(isNear(distance.value, 2.5 / 2.6251, 1e-3) && distance.finding == "holds")
        #expect(distance.unit == "of Student's bound" && distance.questions == 60)
        #expect(
            distance.yardstick
                == "the largest of 3 distances over Student's bound at 5% for all together; holds up to 1"
        )
        let rows = claims.filter { $0.id == "T4" }
        #expect(
            rows.map(\.measured) == [
                "slope of log weight on log accuracy up to 1/2, rft-all, G = 8",
                "slope of log weight on log accuracy up to 1/2, grpo, G = 8",
                "slope of log weight on log accuracy up to 1/2, variational, K = 4",
                "share of the gradient from questions of accuracy up to 1/8, variational less rft-all",
                "share of the gradient from questions of accuracy up to 1/8, variational less grpo",
            ])
        #expect(isNear(rows[0].value, 1) && rows[0].finding == "holds")
        #expect(isNear(rows[1].value, 2) && rows[1].finding == "does not hold")
        // The points are at log 2 around their mean, so the slope is (y3 - y1) / (2 log 2), with relative errors of 1 %.
        let half = 1.959963984540054 * 0.01 * 2.0.squareRoot() / (2 * log(2))
        #expect(isNear(rows[2].value, 0) && isNear(rows[2].high, half, 1e-8))
        #expect(rows[2].finding == "holds" && rows[2].unit == "slope")
        #expect(isNear(rows[3].value, 40) && isNear(rows[4].value, 30))
        #expect(rows[3].low == nil && rows[3].finding == "holds")
    }

    @Test("A weight that is far from its curve does not hold, in any replicate")
    func distance() async throws {
        let bench = try Bench()
        let p = [0.1, 0.2, 0.4]
        // Student's bound for 19 degrees of freedom and six distances is 2.95.
        for (name, weights) in [("a", p), ("b", [0.1, 0.2, 0.4 + 0.01 * 3])] {
            try bench.write(
                gradients(
                    "grpo", 8, weights: weights, error: 0.01, exact: p, gap: 0.01, share: 0.1),
                to: "\(name)/gradients.jsonl")
        }
        let claims = try await run(bench, ["gradients": ["a", "b"]])
        let row = try #require(claims.first { $0.id == "T3" })
        let value = try #require(row.value)
        #expect(value > 1 && value < 1.03 && row.finding == "does not hold")
        #expect(row.replicates == 2)
        #expect(
            claims.first { $0.id == "T4" }?.yardstick
                == "mean over 2 replicates, 95% Student interval")
    }

    // MARK: T6

    private func summaries(
        _ bench: Bench, _ name: String, replicate: Int, step: Int,
        _ traces: [(question: String, tokens: Int, right: Bool, leaks: Bool)]
    ) throws -> String {
        let directory = "\(name).\(replicate).\(step)"
        try bench.write(
            traces.enumerated().map { sample, trace in
                #"{"label":"\#(name)","replicate":\#(replicate),"step":\#(step),"question":"\#(trace.question)","sample":\#(sample),"tokens":\#(trace.tokens),"steps":1,"claims_right":true,"truly_right":\#(trace.right),"leaks":\#(trace.leaks)}"#
            }, to: "\(directory)/summaries.jsonl")
        return directory
    }

    @Test("Posteriors are compared at their last step, question by question")
    func posteriors() async throws {
        let bench = try Bench()
        let forward = [
            try summaries(
                bench, "forward", replicate: 1, step: 60,
                [
                    ("a", 40, true, false), ("a", 50, false, false), ("b", 42, true, false),
                    ("c", 44, true, false),
                ]),
            // An earlier step.
            try summaries(bench, "forward", replicate: 1, step: 0, [("a", 1, false, true)]),
        ]
        let reverse = [
            try summaries(
                bench, "reverse", replicate: 1, step: 60,
                [("a", 15, false, true), ("b", 12, true, true), ("c", 14, true, true)]),
            try summaries(
                bench, "reverse", replicate: 1, step: 0,
                [("a", 35, false, true), ("b", 32, true, true), ("c", 34, true, true)]),
        ]
        let claims = try await run(bench, ["forward": forward, "reverse": reverse])
        #expect(claims.map(\.id) == ["T6", "T6", "T6", "T6"])
        #expect(
            claims[0].measured == "tokens of a trace, after 60 steps less those at step 0, reverse")
        #expect(claims[0].value == -20 && claims[0].finding == "holds")
        #expect(claims[1].measured == "tokens of a trace, forward less reverse, after 60 steps")
        // 45 - 15, 42 - 12, 44 - 14; 0 - 1; 1/2 - 0, 0, 0.
        #expect(claims[1].value == 30 && claims[1].low == 30 && claims[1].finding == "holds")
        #expect(claims[2].value == -100 && claims[2].finding == "undecided")
        // Three questions of one kind: with q for others, (1 - q)^3 = 0.025.
        #expect(claims[2].low == -100 && isNear(claims[2].high, 200 * 0.70760 - 100, 0.01))
        #expect(isNear(claims[3].value, 50 / 3.0) && claims[3].finding == "undecided")
        await #expect {
            _ = try await run(bench, ["forward": forward + [forward[1]], "reverse": reverse])
        } throws: {
            "\($0)"
                == "two of `forward` are of step 0 in replicate 1: give each its own `replicate` or `step`"
        }
    }

    @Test("Variety is the entropy of traces and the share that differs")
    func variety() async throws {
        let bench = try Bench()
        func traces(_ name: String, _ texts: [String], _ logProbability: Double) throws -> String {
            try bench.write(
                ["a", "b"].flatMap { question in
                    texts.enumerated().map { sample, text in
                        #"{"question":"\#(question)","sample":\#(sample),"trace":"\#(text)","ids":[1],"tokens":1,"finish":"stop","log_prob":\#(logProbability)}"#
                    }
                }, to: "\(name)/traces.jsonl")
            return name
        }
        let claims = try await run(
            bench,
            [
                "forward_traces": [try traces("f", ["x", "y"], -20)],
                "reverse_traces": [try traces("r", ["x", "x"], -4)],
            ])
        #expect(claims.map(\.value) == [16, 50] && claims.map(\.unit) == ["nats", "points"])
        #expect(claims.map(\.finding) == ["holds", "holds"])
    }

    // MARK: T11, T14, T15

    private func weight(
        _ question: String, _ sample: Int, ratio: Double = 0, tokens: Int = 10,
        likelihood: Double? = 0, isSelected: Bool = false
    ) -> String {
        #"{"question":"\#(question)","sample":\#(sample),"estimator":"accuracy","ratio":"exact","log_ratio":\#(ratio),"log_likelihood":\#(likelihood.map { "\($0)" } ?? "null"),"weight":0,"selected":\#(isSelected),"tokens":\#(tokens)}"#
    }

    @Test("The effective sample size is by thirds of length, and its slope by question")
    func effectiveSampleSizes() async throws {
        let bench = try Bench()
        // Two traces a question: alike in the shorter ones, one of them alone in the longer ones.
        func weights(_ name: String, _ gaps: [Double]) throws -> String {
            try bench.write(
                gaps.enumerated().flatMap { question, gap in
                    [0, 1].map {
                        weight(
                            "q\(question)", $0, ratio: $0 == 0 ? 0 : gap,
                            tokens: 10 * (question + 1))
                    }
                }, to: "\(name)/weights.jsonl")
            return name
        }
        let claims = try await run(
            bench,
            [
                "exact_weights": [try weights("e", [0, 0, 0, 0, -999, -999])],
                "mean_weights": [try weights("m", [0, 0, 0, 0, 0, 0])],
            ])
        #expect(claims.map(\.id) == Array(repeating: "T11", count: 8))
        #expect(claims.prefix(3).map(\.value) == [1, 1, 0.5])
        #expect(claims.prefix(3).map(\.finding) == ["does not hold", "does not hold", "undecided"])
        #expect(claims[4..<7].map(\.value) == [1, 1, 1])
        #expect(claims[4..<7].map(\.finding) == Array(repeating: "holds", count: 3))
        // Lengths 10 to 60 around 35: sum of products -10 (-0.5 (15 + 25)) over 1750, for 10 tokens and in points.
        #expect(isNear(claims[3].value, 1000 * -20 / 1750))
        #expect(claims[7].value == 0 && claims[7].finding == "holds")
        #expect(claims[3].unit == "points per 10 tokens")
    }

    private func rollouts(_ bench: Bench, _ name: String, _ verdicts: [String: [Bool]]) throws
        -> String
    {
        try bench.write(
            verdicts.sorted { $0.key < $1.key }.flatMap { question, verdicts in
                verdicts.map { #"{"question":"\#(question)","correct":\#($0)}"# }
            }, to: "\(name)/rollouts.jsonl")
        return name
    }

    @Test(
        "Of the questions that the prior does not solve, q's traces solve more than its own or not")
    func unsolved() async throws {
        let bench = try Bench()
        let prior = try rollouts(
            bench, "prior",
            [
                "a": [false, false], "b": [false, false], "c": [true, false],
                "d": [false, false], "e": [false, false],
            ])
        // c is solved already, and d has no trace that ended.
        try bench.write(
            [weight("a", 0, likelihood: nil), weight("a", 1, likelihood: -1)]
                + [weight("b", 0, likelihood: nil), weight("c", 0), weight("e", 0)],
            to: "w/weights.jsonl")
        try bench.write(
            [weight("a", 0, likelihood: nil), weight("b", 0), weight("c", 0)], to: "p/weights.jsonl"
        )
        try bench.write(
            [("a", 1), ("b", 2), ("c", 2), ("d", 2), ("e", 1)].map {
                #"{"id":"\#($0.0)","task":"countdown","text":"1 : 1","level":\#($0.1),"split":"train","source":"test"}"#
            }, to: "levels/questions.jsonl")
        let inputs = [
            "prior_rollouts": [prior], "prior_weights": ["p"], "weights": ["w"],
            "questions": ["levels"],
        ]
        let claims = try await run(bench, inputs)
        // a and e against b, of a, b, d and e.
        #expect(
            claims.map(\.id) == ["T14", "T14", "T14"] && claims.map(\.value) == [25, 100, -50])
        #expect(claims.map(\.questions) == [4, 2, 2] && claims[0].unit == "points")
        #expect(claims.map(\.finding) == ["undecided", "undecided", "undecided"])
        #expect(
            claims[2].measured
                == "of the questions that none of 2 rollouts of the prior solves, those with a trace before a correct answer, q less prior, questions of level 2"
        )
        try bench.write([weight("f", 0)], to: "w/weights.jsonl")
        await #expect {
            _ = try await run(bench, inputs)
        } throws: {
            "\($0)"
                == "`weights` has the question f, which `prior_rollouts` does not have: draw rollouts for all questions that traces were drawn for"
        }
        await #expect {
            _ = try await run(bench, inputs.merging(["weights": ["w", "w"]]) { $1 })
        } throws: {
            "\($0)"
                == "`prior_rollouts` gathers 1 and `weights` 2: give one of each per replicate, in the same order"
        }
    }

    @Test(
        "A question's choice changes if another trace is its best; questions without one are passed over"
    )
    func changed() async throws {
        let bench = try Bench()
        func chosen(_ name: String, _ samples: [Int?]) throws -> String {
            try bench.write(
                samples.enumerated().flatMap { question, best in
                    (0..<2).map { weight("q\(question)", $0, isSelected: $0 == best) }
                }, to: "\(name)/weights.jsonl")
            return name
        }
        let copies = try await run(
            bench,
            [
                "copied_answers": [try chosen("c", [0, 1, 0, nil])],
                "repeated_answers": [try chosen("r", [1, 1, 1, 1])],
                "weights": [try chosen("w", [1, 0, 1, 1])],
            ])
        // One answer changes the first three, as many answers only the second.
        #expect(copies.map(\.id) == ["T15"] && isNear(copies[0].value, 200 / 3.0))
        #expect(copies[0].questions == 3 && copies[0].unit == "points")
    }
}
