import Reasoning
import Study
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct GradientMassTests {
    private func isNear(_ value: Double?, _ expected: Double) -> Bool {
        value.map { abs($0 - expected) < 1e-12 } ?? false
    }

    /// 16 rollouts decide on the bin, of which `correct` are; `others` are products, negative for a wrong rollout.
    private func question(
        _ correct: Int, square: Double? = nil, others: [(Bool, Double)] = [],
        variational: Double? = nil, isCandidate: Bool = true
    ) -> QuestionGradients {
        QuestionGradients(
            question: "q", rollouts: 16, correct: correct, square: square,
            others: others.map { .init(correct: $0, product: $1) }, variational: variational,
            isCandidate: isCandidate)
    }

    private func row(
        _ method: UpdateMethod, _ questions: [QuestionGradients]
    ) throws -> GradientRecord {
        let bin = AccuracyBin.of(questions[0].accuracy)
        return try #require(
            GradientMass(methods: [method]).rows([
                (bin, BinGradients(questions: questions, norms: [1]))
            ]).first)
    }

    @Test("A group of one correct and one wrong rollout has the factors of its method")
    func factors() {
        let root = 0.5.squareRoot()
        let expected: [QuestionWeight: [Double]] = [
            .reinforce: [1, 0], .rftAll: [1, 0], .rftOne: [2, 0], .drGRPO: [0.5, -0.5],
            .grpo: [1, -1], .grpoSampleStd: [root, -root], .dapo: [1, -1],
        ]
        for method in QuestionWeight.ofGroups {
            for (factor, value) in zip(method.factors([true, false]) ?? [], expected[method]!) {
                #expect(isNear(factor, value), "\(method)")
            }
        }
        #expect(QuestionWeight.rftOne.factors([true, true]) == [1, 1])
        #expect(QuestionWeight.rftOne.factors([false, false]) == [0, 0])
        #expect(QuestionWeight.grpo.factors([true, true]) == [0, 0])
        #expect(QuestionWeight.dapo.factors([true, true]) == nil)
        #expect(QuestionWeight.dapo.factors([false, false]) == nil)
    }

    @Test(
        "The curve's estimate is without bias: its mean over all draws of 16 rollouts is the curve",
        arguments: [2, 4, 8, 16])
    func estimates(group: Int) throws {
        for method in QuestionWeight.ofGroups where method != .dapo {
            for p in [0.1, 0.5, 0.9] {
                var chances = [1.0]
                for _ in 0..<16 {
                    chances = zip(chances + [0], [0] + chances).map { $0 * (1 - p) + $1 * p }
                }
                let mean = try chances.enumerated().reduce(0.0) { sum, draw in
                    let estimate = try #require(
                        method.estimate(correct: draw.offset, of: 16, group: group))
                    return sum + draw.element * estimate
                }
                let exact = method.value(p, group: group)
                #expect(abs(mean - exact) < 1e-9 * exact, "\(method) at \(p)")
            }
        }
        #expect(QuestionWeight.dapo.estimate(correct: 8, of: 16, group: group) == nil)
        #expect(QuestionWeight.grpo.estimate(correct: 1, of: group - 1, group: group) == nil)
    }

    @Test("Weights are ratios of sums over questions, with the errors of ratios")
    func ratios() throws {
        let questions = [
            // Accuracies of 1/4 and 3/4 where methods learn.
            question(
                6, square: 1, others: [(true, 1), (false, -0.5), (false, -0.5), (false, 0)],
                variational: 0.8),
            question(
                8, square: 3, others: [(true, 3), (true, 3), (true, 3), (false, -3)],
                variational: 2.4),
            // No g is measured of these, or there is nothing to learn from.
            question(8, isCandidate: false), question(5, square: 1),
        ]
        // Groups of two: (1/2 + 0) / 2 and (3 + 3/2) / 2.
        let reinforce = try row(.rollouts(.reinforce, group: 2), questions)
        #expect(reinforce.questions == 4 && reinforce.measured == 2)
        #expect(isNear(reinforce.weight, 2.5 / 4) && isNear(reinforce.accuracy, 2.5 / 4))
        // The residuals are -3/8 and 3/8, the mean square is 2.
        #expect(isNear(reinforce.weightError, 0.375 / 2))
        #expect(isNear(reinforce.exact, 2.5 / 4) && isNear(reinforce.gapError, 0))
        // ((1 + 1/2) / 2 + 0) / 2 and (0 + (3 + 3) / 2) / 2. A group with one correct rollout stands for 1/2, one with
        // two for 1: 1/2 1/2 = 1/4 of <g, g> = 1, and 1/2 1/2 + 1/2 1 = 3/4 of 3.
        let grpo = try row(.rollouts(.grpo, group: 2), questions)
        #expect(isNear(grpo.weight, 1.875 / 4) && isNear(grpo.exact, 2.5 / 4))
        // The gaps are 1/8 and -3/4.
        #expect(isNear(grpo.gapError, 0.875 / 2 / 2))
        // Only one group of either is mixed; the curve is 2/3 at 1/4 and 2 at 3/4.
        let dapo = try row(.rollouts(.dapo, group: 2), questions)
        #expect(isNear(dapo.weight, 3.75 / 4) && isNear(dapo.exact, (2 / 3.0 + 6) / 4))
        #expect(dapo.gapError == nil && dapo.measured == 2)
        let variational = try row(.variational(traces: 4), questions)
        #expect(variational.method == "variational" && variational.groupSize == 4)
        #expect(isNear(variational.weight, 0.8) && isNear(variational.weightError, 0))
        #expect(variational.exact == nil && variational.exampleShare == 0.75)
        #expect(variational.gapError == nil && grpo.exampleShare == nil)
    }

    @Test("Shares are of all bins; without a correct rollout no weight is measured")
    func shares() throws {
        let methods: [UpdateMethod] = [.rollouts(.grpo, group: 2), .variational(traces: 8)]
        let rows = GradientMass(methods: methods).rows([
            (.of(0), BinGradients(questions: [question(0)], norms: [0, 3])),
            (
                .of(0.5),
                BinGradients(
                    questions: [
                        question(8, square: 1, others: [(true, 1), (false, -1)]),
                        question(8, isCandidate: false),
                    ], norms: [2, 1])
            ),
        ])
        #expect(rows.map(\.method) == ["grpo", "grpo", "variational", "variational"])
        #expect(rows.map(\.high) == [0, 0.5, 0, 0.5] && rows.map(\.low) == [0, 0.25, 0, 0.25])
        #expect(rows.map(\.lossShare) == [0, 1, 0.5, 0.5])
        #expect(rows.map(\.gradientShare) == [0, 1, 0.75, 0.25])
        #expect(rows[0].weight == nil && rows[0].exact == nil && rows[0].accuracy == nil)
        #expect(rows[2].weight == nil && rows[2].exampleShare == 1)
        #expect(rows[3].exampleShare == 0.5)
    }

    @Test("A bin whose <g, g> is not above zero has no weight")
    func noise() throws {
        let row = try row(
            .rollouts(.grpo, group: 2), [question(8, square: -1, others: [(true, 1), (false, 1)])])
        #expect(row.weight == nil && row.exact == nil && row.measured == 1)
    }
}
