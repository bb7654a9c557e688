import Reasoning
import VariationalInference

extension ClaimSheet {
    // MARK: T11

    /// The threshold of the effective share of traces: the exact ratio should be below it, the geometric mean
    /// above.
    private static func threshold(_ ratio: ImportanceRatio) -> Double {
        ratio == .exact ? 0.5 : 0.9
    }

    /// The traces of a question under one ratio: their mean length, and the effective sample size as a share of
    /// their number.
    private struct Effective {
        let tokens: Double
        let share: Double
    }

    /// T11: the effective sample size with the ratio alone, by length of traces, from the weights of every
    /// replicate.
    mutating func addRatio(_ ratio: ImportanceRatio, _ replicates: [[Weight]]) {
        let questions = replicates.map(Self.effective).filter { $0.count >= 3 }
        guard !questions.isEmpty else {
            return leaveOut(.t11, needs: ClaimText.threeQuestions(ratio))
        }
        for third in 0..<3 {
            let parts = questions.map { sorted in
                sorted[sorted.count * third / 3..<sorted.count * (third + 1) / 3].map(\.share)
            }
            let means = parts.compactMap { part in
                Interval.mean(part).map { ($0, part.count) }
            }
            guard let estimate = Estimate(means, alone: Methodology.mean) else {
                leaveOut(.t11, needs: ClaimText.threeQuestions(ratio))
                continue
            }
            let threshold = Self.threshold(ratio)
            let text = ClaimText.effective(ratio, third: third, threshold: threshold)
            add(
                .t11, text, estimate, unit: "share of the traces",
                ratio == .exact ? .below(threshold) : .above(threshold))
        }
        let slopes = questions.compactMap { sorted in
            Interval.slope(x: sorted.map(\.tokens), y: sorted.map { 1000 * $0.share })
                .map { ($0, sorted.count) }
        }
        guard let estimate = Estimate(slopes, alone: Methodology.slope) else {
            return leaveOut(.t11, needs: ClaimText.lengths(ratio))
        }
        add(
            .t11, .effectiveSlope(ratio), estimate, unit: "points per 10 tokens",
            ratio == .exact ? .below(0) : .within(-1...1))
    }

    /// Sorted by length, without questions with a single trace.
    private static func effective(_ weights: [Weight]) -> [Effective] {
        Dictionary(grouping: weights, by: \.question).sorted { $0.key < $1.key }
            .compactMap { _, traces in
                let count = Double(traces.count)
                guard count > 1, let size = effectiveSampleSize(traces.map(\.logRatio)) else {
                    return nil
                }
                return Effective(
                    tokens: traces.reduce(0) { $0 + Double($1.tokens) } / count,
                    share: size / count)
            }.sorted { $0.tokens < $1.tokens }
    }

    // MARK: T14

    /// T14: among the questions that no rollout of the prior solves, the share that a trace of q solves, minus
    /// the share that a further trace of the prior solves, from the outcomes and weights of every replicate.
    mutating func addUnsolved(
        _ rollouts: [[Outcome]], prior: [[Weight]], _ weights: [[Weight]], levels: [String: Int]
    ) throws {
        let unsolved = try zip(rollouts, weights).map { outcomes, weights in
            let byQuestion = Dictionary(grouping: outcomes, by: \.question)
            if let stray = weights.first(where: { byQuestion[$0.question] == nil }) {
                throw StudyError.unrolledQuestion(stray.question)
            }
            return byQuestion.filter { !$0.value.contains(where: \.correct) }
        }
        let samples = unsolved.joined().map(\.value.count).max() ?? 0
        let solvers = [weights, prior].map { replicates in
            replicates.map { weights in
                Set(weights.filter { $0.logLikelihood != nil }.map(\.question))
            }
        }
        for scope in Scope.each(of: levels) {
            func measurements(_ name: String, _ replicates: [Set<String>]) -> Measurements {
                Measurements(
                    name, within: 0...1,
                    zip(unsolved, replicates).enumerated().map { number, replicate in
                        let (questions, solved) = replicate
                        let asked = questions.keys.filter(scope.contains)
                        return .init(
                            number,
                            Dictionary(
                                uniqueKeysWithValues: asked.map {
                                    ($0, solved.contains($0) ? 1 : 0)
                                }))
                    })
            }
            guard
                let estimate = try Estimate(
                    measurements("weights", solvers[0]),
                    minus: measurements("prior_weights", solvers[1]))
            else {
                leaveOut(.t14, needs: ClaimText.unsolved(scope.level))
                continue
            }
            add(
                .t14, .unsolved(samples, scope.level), estimate.times(100), unit: "points",
                .above(0))
        }
    }

    // MARK: T15

    /// T15: how much more often the best trace changes with one copied answer per trace than with as many newly
    /// sampled answers.
    mutating func addCopies(
        _ copied: [[Weight]], repeated: [[Weight]], _ weights: [[Weight]]
    ) throws {
        let best = [copied, repeated, weights].map { $0.map(Self.selected) }
        func changed(_ name: String, _ other: [[String: Int]]) -> Measurements {
            Measurements(
                name, within: 0...1,
                best[2].indices.map { number in
                    let questions = best[2][number].keys.filter { id in
                        best.allSatisfy { $0[number][id] != nil }
                    }
                    return .init(
                        number,
                        Dictionary(
                            uniqueKeysWithValues: questions.map {
                                ($0, other[number][$0] == best[2][number][$0] ? 0 : 1)
                            }))
                })
        }
        guard
            let estimate = try Estimate(
                changed("copied_answers", best[0]), minus: changed("repeated_answers", best[1]))
        else { return leaveOut(.t15, "on copies", needs: ClaimText.selected) }
        add(.t15, .copies, estimate.times(100), unit: "points", .above(0))
    }

    private static func selected(_ weights: [Weight]) -> [String: Int] {
        Dictionary(
            weights.filter(\.selected).map { ($0.question, $0.sample) },
            uniquingKeysWith: { first, _ in first })
    }
}
