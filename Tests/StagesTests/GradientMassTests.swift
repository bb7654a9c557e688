import Stages
import Testing
import VariationalInference

@Suite struct GradientMassTests {
    private func isNear(_ value: Double?, _ expected: Double) -> Bool {
        value.map { abs($0 - expected) < 1e-12 } ?? false
    }

    /// 16 rollouts, of which `correct` are.
    private func question(
        _ correct: Int, square: Double? = nil, rest: Double? = nil, variational: Double? = nil,
        isCandidate: Bool = true
    ) -> QuestionGradients {
        QuestionGradients(
            question: "q", rollouts: 16, correct: correct, square: square, rest: rest,
            variational: variational, isCandidate: isCandidate)
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

    @Test(
        "The mean update of groups of two is what their three outcomes give",
        arguments: [0.0, 0.3, 1.0])
    func groupsOfTwo(p: Double) {
        // Both wrong, one of each, both correct: (1 - p)^2, 2 p (1 - p), p^2.
        let mixed = 2 * p * (1 - p)
        let root = 0.5.squareRoot()
        let expected: [QuestionWeight: (Double, Double)] = [
            .reinforce: (mixed / 2 + p * p, 0), .rftAll: (mixed / 2 + p * p, 0),
            .rftOne: (mixed + p * p, 0), .drGRPO: (mixed / 4, -mixed / 4),
            .grpo: (mixed / 2, -mixed / 2),
            .grpoSampleStd: (mixed * root / 2, -mixed * root / 2),
            .dapo: mixed > 0 ? (0.5, -0.5) : (0, 0),
        ]
        for method in QuestionWeight.ofGroups {
            let factors = method.factors(p, group: 2)
            #expect(isNear(factors.correct, expected[method]!.0), "\(method)")
            #expect(isNear(factors.wrong, expected[method]!.1), "\(method)")
        }
    }

    @Test(
        "Where scores have mean zero, every method's measured weight is its exact curve",
        arguments: [2, 4, 8, 16])
    func exactCurves(group: Int) throws {
        for method in QuestionWeight.ofGroups {
            for correct in [2, 5, 11, 15] {
                let p = Double(correct) / 16
                let row = try row(
                    .rollouts(method, group: group), [question(correct, square: 3, rest: 0)])
                let exact = method.value(p, group: group)
                #expect(abs(row.weight! - exact) < 1e-9 * exact, "\(method) at \(p)")
                #expect(abs(row.exact! - exact) < 1e-12 * exact)
                #expect(isNear(row.accuracy, p))
            }
        }
    }

    @Test("Weights are ratios of sums over questions, with the errors of ratios")
    func ratios() throws {
        let questions = [
            question(6, square: 1, rest: -0.1, variational: 0.8),
            question(8, square: 3, rest: 0, variational: 2.4),
            // No g is measured of these.
            question(8, isCandidate: false), question(5),
        ]
        // (3/8 1 + 1/2 3) / 4, with residuals -0.09375 and 0.09375 of mean square 2.
        let reinforce = try row(.rollouts(.reinforce, group: 2), questions)
        #expect(reinforce.questions == 4 && reinforce.measured == 2)
        #expect(isNear(reinforce.weight, 0.46875) && isNear(reinforce.accuracy, 0.46875))
        #expect(isNear(reinforce.weight_error, 0.046875))
        #expect(isNear(reinforce.exact, 0.46875) && isNear(reinforce.gap_error, 0))
        // The factors are p (1 - p) (1, -1), so the update is p (<g, g> - <s, g>), and the exact weight is p.
        let grpo = try row(.rollouts(.grpo, group: 2), questions)
        #expect(isNear(grpo.weight, (0.375 * 1.1 + 1.5) / 4))
        #expect(isNear(grpo.exact, 0.46875) && isNear(grpo.gap_error, 0.0375 / 2 / 2))
        let variational = try row(.variational(traces: 4), questions)
        #expect(variational.method == "variational" && variational.group_size == 4)
        #expect(isNear(variational.weight, 0.8) && isNear(variational.weight_error, 0))
        #expect(variational.exact == 0.75 && variational.gap_error == nil)
    }

    @Test("Shares are of all bins; without a correct rollout no reward has a weight")
    func shares() throws {
        let methods: [UpdateMethod] = [.rollouts(.grpo, group: 2), .variational(traces: 8)]
        let rows = GradientMass(methods: methods).rows([
            (.of(0), BinGradients(questions: [question(0)], norms: [0, 3])),
            (
                .of(0.5),
                BinGradients(
                    questions: [
                        question(8, square: 1, rest: 0), question(8, isCandidate: false),
                    ], norms: [2, 1])
            ),
        ])
        #expect(rows.map(\.method) == ["grpo", "grpo", "variational", "variational"])
        #expect(rows.map(\.high) == [0, 0.5, 0, 0.5] && rows.map(\.low) == [0, 0.25, 0, 0.25])
        #expect(rows.map(\.loss_share) == [0, 1, 0.5, 0.5])
        #expect(rows.map(\.gradient_share) == [0, 1, 0.75, 0.25])
        #expect(rows[0].weight == 0 && rows[0].exact == nil && rows[0].accuracy == 0)
        #expect(rows[2].weight == nil && rows[2].exact == 1 && rows[3].exact == 0.5)
    }

    @Test("A bin whose <g, g> is not above zero has no weight")
    func noise() throws {
        let row = try row(.rollouts(.grpo, group: 4), [question(8, square: -1, rest: 0)])
        #expect(row.weight == nil && row.exact == nil && row.measured == 1)
    }
}
