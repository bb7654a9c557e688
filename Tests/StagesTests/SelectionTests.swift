import Foundation
import JSON
import Pipeline
import Reasoning
import Stages
import Testing

/// A line of `exclusions.jsonl`.
private struct Excluded: Codable, Hashable {
    var question: String
    var sample: Int?
    var reason: String
}

/// From traces with hand-made scores and verdicts to training examples.
@Suite(.timeLimit(.minutes(10)))
struct SelectionTests {
    private let question =
        #"{"id":"q1","task":"countdown","text":"1 2 3 : 6","answer":"( 1 + 2 ) + 3","level":1,"split":"train","source":"test"}"#
    private let other =
        #"{"id":"q2","task":"countdown","text":"1 1 2 : 4","answer":"( 1 + 1 ) + 2","level":2,"split":"train","source":"test"}"#

    private func trace(_ question: String, _ sample: Int, _ text: String, finish: String = "stop")
        -> String
    {
        #"{"question":"\#(question)","sample":\#(sample),"trace":"\#(text)","ids":[5],"tokens":2,"finish":"\#(finish)","log_prob":-1}"#
    }

    /// `sampled` is the log-probability it was drawn with, another one by default.
    private func score(
        _ question: String, _ sample: Int, _ model: String, _ sum: Double, sampled: Double? = nil
    ) -> String {
        #"{"question":"\#(question)","sample":\#(sample),"conditioning":"\#(model)","tokens":2,"log_prob":\#(sum),"mean_log_prob":\#(sum / 2),"answer_tokens":4,"answer_log_prob":-2,"sampled_log_prob":\#(sampled ?? sum - 1),"finish":"stop"}"#
    }

    private func prepared() throws -> Bench {
        let bench = try Bench()
        try bench.write([question, other], to: "questions/questions.jsonl")
        try bench.write(
            [trace("q1", 0, "a"), trace("q1", 1, "b"), trace("q2", 0, "c")],
            to: "traces/traces.jsonl")
        // log pi - log q is 2 for the first trace and -2 for the second.
        try bench.write(
            [
                score("q1", 0, "prior", -2), score("q1", 1, "prior", -6),
                score("q2", 0, "prior", -1),
            ],
            to: "prior/scores.jsonl")
        try bench.write(
            [
                score("q1", 0, "posterior", -4), score("q1", 1, "posterior", -4),
                score("q2", 0, "posterior", -1),
            ], to: "posterior/scores.jsonl")
        try bench.write(
            [
                #"{"question":"q1","sample":0,"rollout":0,"answer":"1 + 2","tokens":4,"finish":"stop"}"#,
                #"{"question":"q1","sample":0,"rollout":1,"answer":"( 2 + 1 ) + 3","tokens":4,"finish":"stop"}"#,
                #"{"question":"q1","sample":1,"rollout":0,"answer":"( 1 + 2 ) + 3","tokens":4,"finish":"stop"}"#,
                #"{"question":"q1","sample":1,"rollout":1,"answer":"( 1 * 2 ) * 3","tokens":4,"finish":"stop"}"#,
                #"{"question":"q2","sample":0,"rollout":0,"answer":"9","tokens":4,"finish":"stop"}"#,
                #"{"question":"q2","sample":0,"rollout":1,"answer":"","tokens":14,"finish":"length"}"#,
            ], to: "answers/answers.jsonl")
        return bench
    }

    private let scores = [
        "prior": ["prior"], "posterior": ["posterior"], "questions": ["questions"],
        "answers": ["answers"], "verdicts": ["verify/verdicts"],
    ]

    private func verified() async throws -> Bench {
        let bench = try prepared()
        try await bench.run(
            "verify", as: "verify", in: ["answers": ["answers"], "questions": ["questions"]])
        return bench
    }

    @Test("Answers are judged, with reasons")
    func verdicts() async throws {
        let bench = try await verified()
        let verdicts = try bench.read(VerdictRecord.self, "verify/verdicts/verdicts.jsonl")
        #expect(verdicts.map(\.correct) == [false, true, true, true, false, false])
        #expect(
            verdicts.map(\.reason) == [
                "does not use 3", nil, nil, nil, "9 is not among the numbers", "no answer",
            ])
    }

    @Test("Weights are accuracy times the geometric mean of the ratio, normalised per question")
    func geometricMean() async throws {
        let bench = try await verified()
        let log = try await bench.run("weigh", as: "weigh", in: scores)
        let weights = try bench.read(Weight.self, "weigh/weights/weights.jsonl")
        // rho = 0.5 e^1 and 1 e^-1.
        let (a, b) = (0.5 * exp(1.0), exp(-1.0))
        #expect(abs(weights[0].weight - a / (a + b)) < 1e-12)
        #expect(abs(weights[1].weight - b / (a + b)) < 1e-12)
        #expect(weights.map(\.selected) == [true, false, false])
        #expect(weights.map(\.answer) == ["( 2 + 1 ) + 3", "( 1 + 2 ) + 3", nil])
        #expect(weights[2].weight == 0 && weights[2].reason == "no correct answer")
        #expect(log.last("questions_without_candidate") == 0.5)
        #expect(try bench.data("weigh/weights/bounds.jsonl").isEmpty)
    }

    /// The weights of the three traces under `options`.
    private func weights(
        _ options: [String: JSONValue], without input: String? = nil
    ) async throws -> [Weight] {
        let bench = try await verified()
        let inputs = scores.filter { $0.key != input }
        try await bench.run("weigh", as: "weigh", options, in: inputs)
        return try bench.read(Weight.self, "weigh/weights/weights.jsonl")
    }

    @Test(
        "Either factor of rho can be left out, and without both every finished trace counts alike")
    func partialWeights() async throws {
        // Accuracies 0.5 and 1; geometric means of the ratio e^1 and e^-1.
        let accuracy = try await weights(["ratio": .string("none")], without: "posterior")
        #expect(accuracy.prefix(2).map(\.weight).map { ($0 * 3).rounded() } == [1, 2])
        #expect(accuracy.prefix(2).map(\.logRatio) == [0, 0])
        let ratio = try await weights(["answer_likelihood": .string("none")])
        #expect(abs(ratio[0].weight - 1 / (1 + exp(-2))) < 1e-12)
        #expect(ratio[2].weight == 1 && ratio[2].answer == "( 1 + 1 ) + 2")
        let neither = try await weights(
            ["answer_likelihood": .string("none"), "ratio": .string("none")], without: "verdicts")
        #expect(neither.map(\.weight) == [0.5, 0.5, 1])
    }

    @Test("Weights are tempered and capped as asked, and the size that counts is theirs")
    func temperedWeights() async throws {
        let plain = try await weights([:])
        let odds = plain[0].weight / plain[1].weight
        let even = try await weights(["weight_temperature": .integer(2)])
        #expect(abs(even[0].weight / even[1].weight - odds.squareRoot()) < 1e-9)
        let capped = try await weights(["largest_weight": .number(0.6)])
        #expect(abs(capped[0].weight - 0.6) < 1e-12 && abs(capped[1].weight - 0.4) < 1e-12)
        let bench = try await verified()
        let log = try await bench.run(
            "weigh", as: "weigh", ["largest_weight": .number(0.5)], in: scores)
        #expect(log.last("effective_sample_size") == 2)
    }

    @Test("Without a correct answer, traces of some questions are weighed by the reference answer")
    func referenceFallback() async throws {
        let bench = try await verified()
        // Another question without a correct answer, of another source; and a trace of q2 without end.
        let third =
            other.replacing("q2", with: "q3").replacing("\"test\"", with: "\"other\"")
        try bench.write([question, other, third], to: "questions/questions.jsonl")
        let samples = [("q1", 0), ("q1", 1), ("q2", 0), ("q2", 1), ("q2", 2), ("q3", 0)]
        let prior = samples.map { score($0.0, $0.1, "prior", $0 == ("q2", 1) ? -4 : -2) }
        try bench.write(
            prior.enumerated().map {
                $0 == 4
                    ? $1.replacing("\"answer_log_prob\":-2", with: "\"answer_log_prob\":null") : $1
            }, to: "prior/scores.jsonl")
        try bench.write(
            samples.map { score($0.0, $0.1, "posterior", -2) }, to: "posterior/scores.jsonl")
        let log = try await bench.run(
            "weigh", as: "weigh", ["fallback_where": .string("source = 'test'")], in: scores)
        let weights = try bench.read(Weight.self, "weigh/weights/weights.jsonl")
        // The geometric mean of the answer is e^-2/4; those of the ratio are 1, and e^-1 for trace 1 of q2.
        #expect(weights.map(\.estimator).prefix(2) == ["accuracy", "accuracy"])
        #expect(weights[2...4].allSatisfy { $0.estimator == "geometric-mean" })
        #expect(weights[2].logRho == -0.5 && weights[3].logRho == -1.5)
        #expect(weights[2].selected && weights[2].answer == "( 1 + 1 ) + 2")
        #expect(abs(weights[2].weight - 1 / (1 + exp(-1))) < 1e-12)
        #expect(weights[4].weight == 0)
        #expect(weights[4].reason == "the trace has no end, or its answer no score")
        #expect(weights[5].estimator == "accuracy" && weights[5].weight == 0)
        #expect(weights[5].reason == "no answer follows the trace")
        #expect(abs((log.last("questions_by_reference") ?? 0) - 1.0 / 3) < 1e-12)
        #expect(abs((log.last("questions_without_candidate") ?? 0) - 1.0 / 3) < 1e-12)
        // Answers are not judged with another estimator, so there is nothing to fall back from.
        let likelihood = try await bench.run(
            "weigh", as: "likelihood",
            [
                "fallback_where": .string("source = 'test'"),
                "answer_likelihood": .string("likelihood"),
            ], in: scores)
        #expect(likelihood.last("questions_by_reference") == nil)
        #expect(
            try bench.read(Weight.self, "likelihood/weights/weights.jsonl").allSatisfy {
                $0.estimator == "likelihood"
            })
        await #expect {
            try await bench.run(
                "weigh", as: "bad", ["fallback_where": .string("origin = 'test'")], in: scores)
        } throws: {
            "\($0)"
                == "`fallback_where` cannot be used: no such column: origin; the columns are id, text, answer, level, source, split, task"
        }
    }

    @Test("Only the first traces of a question count where their number is given")
    func fewerTraces() async throws {
        let first = try await weights(["traces": .integer(1)])
        #expect(first.map { "\($0.question) \($0.sample)" } == ["q1 0", "q2 0"])
        #expect(first[0].weight == 1)
    }

    @Test("The proposal's log-probability is the sampler's or the model's own")
    func proposal() async throws {
        // The sampler's is one nat below the prior's for every trace.
        let sampled = try await weights(
            ["proposal": .string("sampled"), "ratio": .string("exact")], without: "posterior")
        #expect(sampled.map(\.logRatio) == [1, 1, 1])
        let own = try await weights(["ratio": .string("exact")])
        #expect(own.map(\.logRatio) == [2, -2, 0])
        await #expect {
            try await weights([:], without: "posterior")
        } throws: {
            "\($0)"
                == "the input `posterior` is needed: `proposal: untempered` takes log q from it"
        }
        let bench = try await verified()
        let unrecorded = score("q1", 0, "prior", -2).replacingOccurrences(
            of: #""sampled_log_prob":-3.0"#, with: #""sampled_log_prob":null"#)
        try bench.write([unrecorded], to: "prior/scores.jsonl")
        await #expect {
            try await bench.run("weigh", as: "weigh", ["proposal": .string("sampled")], in: scores)
        } throws: {
            "\($0)"
                == "trace 0 of q1 has no log-probability under the distribution it was drawn from: set `proposal: untempered` and give `posterior`"
        }
    }

    @Test("A random correct answer is one of the correct ones, and the seed chooses")
    func randomAnswer() async throws {
        let bench = try await verified()
        try bench.write(
            (0..<8).map {
                #"{"question":"q1","sample":0,"rollout":\#($0),"answer":"\#($0 % 2 == 0 ? "( 1 + 2 ) + 3" : "( 2 + 1 ) + 3")","tokens":4,"finish":"stop"}"#
            }, to: "answers/answers.jsonl")
        try await bench.run(
            "verify", as: "verify", in: ["answers": ["answers"], "questions": ["questions"]])
        var chosen: Set<String?> = []
        for seed in 0..<12 {
            try await bench.run(
                "weigh", as: "weigh",
                ["correct_answer": .string("random"), "seed": .integer(seed)], in: scores)
            let weights = try bench.read(Weight.self, "weigh/weights/weights.jsonl")
            chosen.insert(weights[0].answer)
        }
        #expect(chosen == ["( 1 + 2 ) + 3", "( 2 + 1 ) + 3"])
    }

    @Test("Exact ratios give the multi-trace bound")
    func bound() async throws {
        let bench = try await verified()
        try bench.write([trace("q1", 0, "a"), trace("q1", 1, "b")], to: "traces/traces.jsonl")
        try bench.write(
            [
                score("q1", 0, "prior", -2, sampled: -4), score("q1", 1, "prior", -6, sampled: -4),
                score("q2", 0, "prior", -1, sampled: -1), score("q2", 1, "prior", -1, sampled: -1),
            ],
            to: "prior/scores.jsonl")
        try bench.write(
            [
                score("q1", 0, "posterior", -4), score("q1", 1, "posterior", -4),
                score("q2", 0, "posterior", -1), score("q2", 1, "posterior", -1),
            ],
            to: "posterior/scores.jsonl")
        try await bench.run(
            "weigh", as: "weigh",
            ["ratio": .string("exact"), "answer_likelihood": .string("likelihood")],
            in: ["prior": ["prior"], "posterior": ["posterior"], "questions": ["questions"]])
        let bounds = try bench.read(Bound.self, "weigh/weights/bounds.jsonl").filter {
            $0.level == nil
        }
        // q1: log rho = 0 and -4; q2: -2 and -2.
        try #require(bounds.map(\.k) == [1, 2])
        #expect(abs(bounds[0].value - (-2 + -2) / 2) < 1e-12)
        #expect(abs(bounds[1].value - (log((1 + exp(-4.0)) / 2) - 2) / 2) < 1e-12)
        // Without a trace the rest is a choice, and log q of another distribution is no proposal's.
        for (prior, reason) in [
            (
                [
                    score("q1", 0, "prior", -2, sampled: -4),
                    score("q2", 0, "prior", -1, sampled: -1),
                    score("q2", 1, "prior", -1, sampled: -1),
                ],
                "no bounds: q1 does not have all traces from 0 to 1, and leaving out traces biases the bound"
            ),
            (
                [
                    score("q1", 0, "prior", -2, sampled: -4),
                    score("q1", 1, "prior", -6, sampled: -4.5),
                    score("q2", 0, "prior", -1, sampled: -1),
                    score("q2", 1, "prior", -1, sampled: -1),
                ],
                "no bounds: trace 1 of q1 was sampled from another distribution than that of log q; set `proposal: sampled`"
            ),
            (
                [
                    score("q1", 0, "prior", -2, sampled: -4),
                    // As of a server that samples at another temperature.
                    score("q1", 1, "prior", -6, sampled: -4)
                        .replacing(#""sampled_log_prob":-4.0"#, with: #""sampled_log_prob":null"#),
                    score("q2", 0, "prior", -1, sampled: -1),
                    score("q2", 1, "prior", -1, sampled: -1),
                ],
                "no bounds: trace 1 of q1 has no log-probability under the distribution it was drawn from: sample with `temperature: 1` and without filters"
            ),
        ] {
            try bench.write(prior, to: "prior/scores.jsonl")
            let log = try await bench.run(
                "weigh", as: "other",
                ["ratio": .string("exact"), "answer_likelihood": .string("likelihood")],
                in: ["prior": ["prior"], "posterior": ["posterior"], "questions": ["questions"]])
            #expect(log.lines == [reason])
            #expect(try bench.data("other/weights/bounds.jsonl").isEmpty)
        }
    }

    @Test("A trace that is there twice, or a sum over answers with a geometric mean, is named")
    func ambiguousScores() async throws {
        let bench = try await verified()
        let inputs = [
            "prior": ["prior"], "posterior": ["posterior"], "questions": ["questions"],
        ]
        for (input, lines, options, message) in [
            (
                "prior", [score("q1", 0, "prior", -2), score("q1", 0, "prior", -3)],
                ["answer_likelihood": JSONValue.string("likelihood")],
                "`prior` has trace 0 of q1 twice: gather only what was drawn together, in shards"
            ),
            (
                "posterior", [score("q1", 1, "posterior", -2), score("q1", 1, "posterior", -3)],
                ["answer_likelihood": .string("likelihood")],
                "`posterior` has trace 1 of q1 twice: gather only what was drawn together, in shards"
            ),
            (
                "prior",
                [
                    #"{"question":"q1","sample":0,"conditioning":"prior","tokens":2,"log_prob":-1,"mean_log_prob":-0.5,"answer_log_prob":-2,"finish":"stop"}"#
                ], ["answer_likelihood": .string("geometric-mean")],
                "the score after trace 0 of q1 is a sum over answers, which has no geometric mean: set `answers: reference` of `score`, or `answer_likelihood: likelihood`"
            ),
        ] {
            try bench.write(lines, to: "changed/scores.jsonl")
            await #expect {
                try await bench.run(
                    "weigh", as: "weigh", options, in: inputs.merging([input: ["changed"]]) { $1 })
            } throws: { "\($0)" == message }
        }
    }

    @Test("A geometric mean of the answer's likelihood gives no bound")
    func noBound() async throws {
        let bench = try await verified()
        try await bench.run(
            "weigh", as: "weigh",
            ["ratio": .string("exact"), "answer_likelihood": .string("geometric-mean")],
            in: ["prior": ["prior"], "posterior": ["posterior"], "questions": ["questions"]])
        #expect(try bench.data("weigh/weights/bounds.jsonl").isEmpty)
    }

    @Test("A weighed trace and a judged answer that are not among the inputs are named")
    func missingRows() async throws {
        let bench = try await verified()
        try await bench.run("weigh", as: "weigh", in: scores)
        try bench.write([trace("q1", 1, "b")], to: "few/traces.jsonl")
        await #expect {
            try await bench.run(
                "build.dataset", as: "data", ["mix": .bool(false)],
                in: [
                    "weights": ["weigh/weights"], "traces": ["few"], "questions": ["questions"],
                ])
        } throws: { error in
            "\(error)"
                == "trace 0 of q1 has a weight, but is not among `traces`: give the traces that were weighed"
        }
        try bench.write(
            [
                #"{"question":"q1","sample":0,"rollout":0,"answer":"1 + 2","tokens":4,"finish":"stop"}"#
            ], to: "answers/answers.jsonl")
        await #expect {
            try await bench.run("weigh", as: "again", in: scores)
        } throws: { error in
            "\(error)"
                == "answer 1 after trace 0 of q1 has a verdict, but is not among `answers`: give the answers that were verified"
        }
    }

    @Test("The best trace of a question becomes an example behind the original ones")
    func argmax() async throws {
        let bench = try await verified()
        try await bench.run("weigh", as: "weigh", in: scores)
        try bench.write(
            [
                #"{"question":"q2","task":"countdown","text":"1 1 2 : 4","level":2,"trace":"t","answer":"y","weight":1,"source":"demonstration","sample":null}"#
            ],
            to: "original/examples.jsonl")
        let inputs = [
            "weights": ["weigh/weights"], "traces": ["traces"], "questions": ["questions"],
            "original": ["original"],
        ]
        try await bench.run("build.dataset", as: "mixed", in: inputs)
        let mixed = try bench.read(Example.self, "mixed/data/examples.jsonl")
        #expect(mixed.map(\.source) == [.demonstration, .trace])
        #expect(mixed[1].trace == "a" && mixed[1].answer == "( 2 + 1 ) + 3" && mixed[1].weight == 1)
        let excluded = try bench.read(Excluded.self, "mixed/data/exclusions.jsonl")
        #expect(
            excluded == [Excluded(question: "q2", sample: nil, reason: "no trace is a candidate")])

        let log = try await bench.run(
            "build.dataset", as: "filled", in: inputs.merging(["fallback": ["original"]]) { $1 })
        let filled = try bench.read(Example.self, "filled/data/examples.jsonl")
        #expect(filled.map(\.question) == ["q2", "q1", "q2"])
        #expect(filled[2] == filled[0])
        #expect(try bench.read(Excluded.self, "filled/data/exclusions.jsonl").isEmpty)
        #expect(log.last("fallback_questions") == 1)

        try await bench.run(
            "build.dataset", as: "weighted",
            ["weighting": .string("normalized"), "mix": .bool(false)], in: inputs)
        let weighted = try bench.read(Example.self, "weighted/data/examples.jsonl")
        #expect(weighted.map(\.trace) == ["a", "b"])
        #expect(abs(weighted.map(\.weight).reduce(0, +) - 1) < 1e-12)
    }

    @Test("Examples for a posterior have the reference answer, which it sees as hint")
    func referenceAnswers() async throws {
        let bench = try await verified()
        try await bench.run("weigh", as: "weigh", in: scores)
        try await bench.run(
            "build.dataset", as: "data",
            ["answers": .string("reference"), "mix": .bool(false)],
            in: ["weights": ["weigh/weights"], "traces": ["traces"], "questions": ["questions"]])
        #expect(
            try bench.read(Example.self, "data/data/examples.jsonl").map(\.answer)
                == ["( 1 + 2 ) + 3"])
    }

    @Test("All correct answers after a trace may follow it, in shares of its weight")
    func verifiedAnswers() async throws {
        let bench = try await verified()
        let texts = ["( 1 + 2 ) + 3", "9", "( 2 + 1 ) + 3", "( 1 + 2 ) + 3", "( 3 + 1 ) + 2"]
        try bench.write(
            texts.enumerated().map {
                #"{"question":"q1","sample":0,"rollout":\#($0),"answer":"\#($1)","tokens":4,"finish":"stop"}"#
            } + [
                #"{"question":"q1","sample":1,"rollout":0,"answer":"( 1 + 2 ) + 3","tokens":4,"finish":"stop"}"#
            ], to: "answers/answers.jsonl")
        try await bench.run(
            "verify", as: "verify", in: ["answers": ["answers"], "questions": ["questions"]])
        try await bench.run("weigh", as: "weigh", in: scores)
        let weights = try bench.read(Weight.self, "weigh/weights/weights.jsonl").map(\.weight)
        var inputs = scores
        inputs["weights"] = ["weigh/weights"]
        inputs["traces"] = ["traces"]
        let options: [String: JSONValue] = [
            "answers": .string("verified"), "mix": .bool(false), "weighting": .string("normalized"),
        ]
        let log = try await bench.run(
            "build.dataset", as: "data", options,
            in: inputs.filter { !["prior", "posterior"].contains($0.key) })
        let examples = try bench.read(Example.self, "data/data/examples.jsonl")
        #expect(examples.map(\.sample) == [0, 0, 0, 1])
        #expect(
            examples.map(\.answer)
                == ["( 1 + 2 ) + 3", "( 2 + 1 ) + 3", "( 3 + 1 ) + 2", "( 1 + 2 ) + 3"])
        for (example, weight) in zip(
            examples, [weights[0] / 2, weights[0] / 4, weights[0] / 4, weights[1]])
        { #expect(abs(example.weight - weight) < 1e-12) }
        #expect(log.events.contains(.metric(name: "examples", step: 0, value: 4)))
        inputs["verdicts"] = nil
        await #expect {
            try await bench.run("build.dataset", as: "none", options, in: inputs)
        } throws: { error in
            "\(error)"
                == "the input `verdicts` is needed: `answers: verified` takes correct answers from it"
        }
    }

    @Test("Examples for a posterior may have any correct answer as hint")
    func randomHints() async throws {
        let bench = try await verified()
        try await bench.run("weigh", as: "weigh", in: scores)
        var seen: Set<String> = []
        for seed in 0..<20 {
            try await bench.run(
                "build.dataset", as: "data",
                ["answers": .string("random"), "mix": .bool(false), "seed": .integer(seed)],
                in: [
                    "weights": ["weigh/weights"], "traces": ["traces"], "questions": ["questions"],
                ]
            )
            seen.formUnion(
                try bench.read(Example.self, "data/data/examples.jsonl").map(\.answer))
        }
        let question = try bench.read(Question.self, "questions/questions.jsonl")[0]
        let answers = try Countdown.correctAnswers(to: question)
        #expect(seen.count > 3 && seen.isSubset(of: answers))
    }

    @Test(
        "A trace whose own answer is scored is weighed by this answer and teaches it, without a bound"
    )
    func ownAnswer() async throws {
        let bench = try prepared()
        func scored(_ sample: Int, _ answer: String, _ logProbability: Double) -> String {
            #"{"question":"q1","sample":\#(sample),"conditioning":"prior","tokens":2,"log_prob":-4,"mean_log_prob":-2,"answer_tokens":\#(sample + 1),"answer_log_prob":\#(logProbability),"answer":"\#(answer)","sampled_log_prob":-4,"finish":"stop"}"#
        }
        try bench.write([scored(0, "one", -2), scored(1, "two", -2.5)], to: "prior/scores.jsonl")
        let inputs = scores.filter { ["prior", "posterior", "questions"].contains($0.key) }
        func selected(_ likelihood: String) async throws -> (Weight?, Bench.Log) {
            let run = try await bench.run(
                "weigh", as: likelihood,
                ["answer_likelihood": .string(likelihood), "ratio": .string("exact")], in: inputs)
            let weights = try bench.read(Weight.self, "\(likelihood)/weights/weights.jsonl")
            return (weights.first(where: \.selected), run)
        }
        let (likely, run) = try await selected("likelihood")
        #expect(likely?.answer == "one")
        #expect(
            run.lines.contains(
                "no bounds: trace 1 of q1 is weighed by an answer of its own, which is not that of all traces"
            ))
        let (mean, _) = try await selected("geometric-mean")
        #expect(mean?.answer == "two")
    }

    @Test("Without the data to mix in, the stage says what to do")
    func missingOriginal() async throws {
        let bench = try await verified()
        try await bench.run("weigh", as: "weigh", in: scores)
        await #expect {
            try await bench.run(
                "build.dataset", as: "mixed",
                in: [
                    "weights": ["weigh/weights"], "traces": ["traces"], "questions": ["questions"],
                ])
        } throws: { error in
            "\(error)"
                == "the input `original` is needed: `mix: true` puts its examples first; set `mix: false`"
        }
    }

    @Test("Every trace that is filtered out is a row with its reason")
    func filter() async throws {
        let bench = try Bench()
        try bench.write(
            [
                trace("q1", 0, "a"), trace("q1", 1, "a"), trace("q2", 0, "a"),
                trace("q2", 1, "b", finish: "length"),
                trace("q2", 2, "c").replacingOccurrences(of: #""tokens":2"#, with: #""tokens":90"#),
            ], to: "traces/traces.jsonl")
        try await bench.run(
            "filter", as: "filter", ["max_tokens": .integer(84)], in: ["traces": ["traces"]])
        let kept = try bench.read(Trace.self, "filter/traces/traces.jsonl")
        #expect(kept.map { "\($0.question) \($0.sample)" } == ["q1 0", "q2 0"])
        #expect(
            try bench.read(Excluded.self, "filter/traces/exclusions.jsonl") == [
                Excluded(question: "q1", sample: 1, reason: "duplicate"),
                Excluded(question: "q2", sample: 1, reason: "no end marker"),
                Excluded(question: "q2", sample: 2, reason: "90 tokens, more than 84"),
            ])
    }
}
