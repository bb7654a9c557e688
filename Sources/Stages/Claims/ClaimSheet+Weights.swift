import VariationalInference

extension ClaimSheet {
    // MARK: T11

    /// The share of the traces that a ratio leaves: less if it is to collapse, more if it is to keep all.
    private static func threshold(_ ratio: ImportanceRatio) -> Double {
        ratio == .exact ? 0.5 : 0.9
    }

    /// A question's traces under one ratio: their mean length, and their effective number as a share of it.
    private struct Effective {
        let tokens: Double
        let share: Double
    }

    /// T11: the effective sample size of the ratio alone, by length of traces; weights of every replicate.
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
            guard let estimate = Estimate(means, alone: Yardstick.mean) else { continue }
            let threshold = Self.threshold(ratio)
            let text = ClaimText.effective(ratio, third: third, threshold: threshold)
            add(.t11, text, estimate, unit: "share of the traces") {
                ratio == .exact ? Finding($0, below: threshold) : Finding($0, above: threshold)
            }
        }
        let slopes = questions.compactMap { sorted in
            Interval.slope(x: sorted.map(\.tokens), y: sorted.map { 1000 * $0.share })
                .map { ($0, sorted.count) }
        }
        guard let estimate = Estimate(slopes, alone: Yardstick.slope) else { return }
        add(.t11, .effectiveSlope(ratio), estimate, unit: "points per 10 tokens") {
            ratio == .exact ? Finding($0, below: 0) : Finding($0, within: -1...1)
        }
    }

    /// By length. Questions with one trace say nothing.
    private static func effective(_ weights: [Weight]) -> [Effective] {
        Dictionary(grouping: weights, by: \.question).sorted { $0.key < $1.key }
            .compactMap { _, traces in
                let count = Double(traces.count)
                guard count > 1, let size = effectiveSampleSize(traces.map(\.log_ratio)) else {
                    return nil
                }
                return Effective(
                    tokens: traces.reduce(0) { $0 + Double($1.tokens) } / count,
                    share: size / count)
            }.sorted { $0.tokens < $1.tokens }
    }

    // MARK: T14

    /// T14: of the questions that no rollout of the prior solves, those that a trace of q does; outcomes and weights of
    /// every replicate.
    mutating func addUnsolved(
        _ prior: [[Outcome]], _ weights: [[Weight]], levels: [String: Int]
    ) throws {
        for scope in Scope.each(of: levels) {
            var shares: [(interval: Interval, questions: Int)] = []
            var samples = 0
            for (outcomes, weights) in zip(prior, weights) {
                let byQuestion = Dictionary(grouping: outcomes, by: \.question)
                if let stray = weights.first(where: { byQuestion[$0.question] == nil }) {
                    throw StageError.unrolledQuestion(stray.question)
                }
                samples = byQuestion.values.map(\.count).max() ?? 0
                let unsolved = byQuestion.filter { question, outcomes in
                    scope.contains(question) && !outcomes.contains(where: \.correct)
                }
                let solved = Set(weights.filter { $0.log_likelihood != nil }.map(\.question))
                let count = unsolved.keys.count { solved.contains($0) }
                if let share = Interval.wilson(successes: count, trials: unsolved.count) {
                    shares.append((share, unsolved.count))
                }
            }
            guard let estimate = Estimate(shares, alone: Yardstick.share) else {
                leaveOut(.t14, needs: ClaimText.unsolved(scope.level))
                continue
            }
            add(.t14, .unsolved(samples, scope.level), estimate.times(100), unit: "%") {
                Finding($0, above: 0)
            }
        }
    }

    // MARK: T15

    /// T15: the share of questions whose best trace is another one; weights of every replicate. A question counts if it
    /// has a best trace in either.
    mutating func addChanged(_ text: ClaimText, _ first: [[Weight]], _ second: [[Weight]]) {
        let shares = zip(first, second).compactMap { a, b in
            let (a, b) = (Self.selected(a), Self.selected(b))
            let questions = Set(a.keys).union(b.keys)
            let changed = questions.count { a[$0] != b[$0] }
            return Interval.wilson(successes: changed, trials: questions.count)
                .map { ($0, questions.count) }
        }
        guard let estimate = Estimate(shares, alone: Yardstick.share) else {
            return leaveOut(.t15, needs: ClaimText.selected)
        }
        add(.t15, text, estimate.times(100), unit: "%") { Finding($0, above: 0) }
    }

    private static func selected(_ weights: [Weight]) -> [String: Int] {
        Dictionary(
            weights.filter(\.selected).map { ($0.question, $0.sample) },
            uniquingKeysWith: { first, _ in first })
    }
}
