import VariationalInference

extension ClaimSheet {
    /// T1, T2 and T5, as far as they need no trained model.
    mutating func addEnumerated() {
        let models = (0..<10).map { EnumeratedModel(seed: UInt64($0)) }
        addBounds(models.map { $0.boundCheck() })
        addGradients(models.map { $0.gradientCheck(4) }, k: 4)
        addVariances()
    }

    private mutating func addBounds(_ checks: [EnumeratedModel.BoundCheck]) {
        let yardstick = Methodology.exact(checks.count)
        let increase = checks.compactMap(\.leastIncrease).min() ?? 0
        add(.t1, .boundGrows, increase, unit: "nats", yardstick: yardstick, holds: increase > 0)
        let gap = checks.flatMap(\.gaps).min() ?? 0
        add(.t1, .boundIsBelow, gap, unit: "nats", yardstick: yardstick, holds: gap > 0)
        let left = checks.map { ($0.gaps.last ?? 0) / ($0.gaps.first ?? 1) }.max() ?? 1
        add(.t1, .gapCloses, left, unit: "share", yardstick: yardstick, holds: left < 0.5)
        let evidence = checks.map { abs(($0.bounds.first ?? 0) - $0.evidenceLowerBound) }.max() ?? 0
        addNumeric(.t1, .firstBound, evidence, tolerance: 1e-6, yardstick)
        let ideal = checks.map(\.largestGapOfPosterior).max() ?? 0
        addNumeric(.t1, .idealBound, ideal, tolerance: 1e-6, yardstick)
    }

    private mutating func addGradients(_ checks: [EnumeratedModel.GradientCheck], k: Int) {
        let yardstick = Methodology.exact(checks.count)
        for (text, value) in [
            (ClaimText.priorGradient(k), \EnumeratedModel.GradientCheck.prior),
            (.posteriorGradient(k), \.posterior), (.evidenceGradient(k), \.evidence),
            (.forwardKLGradient, \.forwardKL),
        ] {
            addNumeric(
                .t2, text, checks.map { $0[keyPath: value] }.max() ?? 0, tolerance: 1e-5, yardstick)
        }
    }

    private mutating func addVariances() {
        for n in [1, 4, 64] {
            if let crossing = AnswerEstimator.varianceCrossing(correctAnswers: n) {
                add(
                    .t5, .crossing(n), crossing, unit: "probability",
                    yardstick: Methodology.theorem,
                    holds: abs(crossing - 1 / Double(n)) <= 1e-6)
            } else {
                let worst = (0...100).map {
                    AnswerEstimator.likelihoodVariance([Double($0) / 100])
                }.max()
                add(
                    .t5, .noVariance, worst ?? 0, unit: "largest variance",
                    yardstick: Methodology.theorem, holds: worst == 0)
            }
        }
    }

    private mutating func addNumeric(
        _ id: ClaimID, _ text: ClaimText, _ value: Double, tolerance: Double, _ yardstick: String
    ) {
        add(
            id, text, value, unit: "largest difference",
            yardstick: Methodology.within(tolerance, yardstick), holds: value <= tolerance)
    }
}
