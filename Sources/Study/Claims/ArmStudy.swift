import Foundation
import VariationalInference

/// The claims on accuracy, computed from all arms of an experiment. A pure function.
struct ArmStudy {
    let arms: [Arm]

    /// The label of the arm that represents the method.
    let main: String

    /// The levels of questions, by id.
    let levels: [String: Int]

    /// Differences up to this number of points count as equal.
    let band: Double

    private let byLabel: [String: Arm]
    private let scopes: [Scope]

    /// The largest power of two for which every question has enough answers.
    private let largestPass: Int

    init(_ arms: [Arm], main: String, levels: [String: Int], band: Double) {
        self.arms = arms
        self.main = main
        self.levels = levels
        self.band = band
        byLabel = Dictionary(arms.map { ($0.label, $0) }, uniquingKeysWith: { first, _ in first })
        let questions = byLabel[main]?.replicates.first?.tallies.keys.sorted() ?? []
        scopes = Scope.hardest(of: levels, among: questions)
        let samples = arms.map(\.samples).min() ?? 0
        largestPass = samples >= 2 ? 1 << Int(log2(Double(samples))) : 1
    }

    /// Adds T7 to T10, T12, T13 and T16, and the part of T11 that needs arms.
    func add(to sheet: inout ClaimSheet) throws {
        let variational = VariationalArm(label: main) ?? VariationalArm()
        let averages = scopes.map { (Arm.Measure.average, $0) }
        try add(.t7, ClaimText.noHint, main, .noHint, averages, to: &sheet)
        let all =
            averages + (largestPass > 1 ? scopes.map { (.pass(largestPass), $0) } : [])
        for (label, words) in ClaimText.rivals {
            try add(.t8, ClaimText.beats(words), main, label, all, to: &sheet)
        }
        if VariationalArm(label: main) != nil {
            let other = variational.with(\.isArgmax, !variational.isArgmax).label
            try add(
                .t8, ClaimText.weighting(isArgmax: variational.isArgmax), main, other, all,
                to: &sheet)
        }
        try addTraces(to: &sheet)
        let overall = [(Arm.Measure.average, Scope())]
        func estimator(_ estimator: AnswerEstimator) -> String {
            variational.with(\.estimator, estimator).label
        }
        for better in [AnswerEstimator.accuracy, .geometricMean] {
            try add(
                .t10, ClaimText.beatsLikelihood(better), estimator(better),
                estimator(.likelihood), overall, to: &sheet)
        }
        try add(
            .t10, ClaimText.likeAccuracy, estimator(.accuracy), estimator(.geometricMean),
            overall, isEqual: true, to: &sheet)
        try add(.t11, ClaimText.exactRatioTrains, main, .exactRatio, overall, to: &sheet)
        let best = variational.with(\.isArgmax, true)
        try add(
            .t12, ClaimText.mixHelpsBest, best.with(\.isMixed, true).label,
            best.with(\.isMixed, false).label, overall, to: &sheet)
        let weighted = variational.with(\.isArgmax, false)
        try add(
            .t12, ClaimText.mixHurtsWeighted, weighted.with(\.isMixed, false).label,
            weighted.with(\.isMixed, true).label, overall, to: &sheet)
        try add(
            .t13, ClaimText.disjoint, ArmLabel.disjoint.rawValue, main, overall, isEqual: true,
            to: &sheet)
        try add(
            .t16, ClaimText.secondRound, ArmLabel.secondRound.rawValue, main, overall, to: &sheet)
    }

    private func add(
        _ id: ClaimID, _ claim: String, _ first: String, _ second: ArmLabel,
        _ measures: [(Arm.Measure, Scope)], to sheet: inout ClaimSheet
    ) throws {
        try add(id, claim, first, second.rawValue, measures, to: &sheet)
    }

    /// Adds the difference of two arms, and tests that it is positive, or that it is small. Omitted if an arm
    /// is missing.
    private func add(
        _ id: ClaimID, _ claim: String, _ first: String, _ second: String,
        _ measures: [(Arm.Measure, Scope)], isEqual: Bool = false, to sheet: inout ClaimSheet
    ) throws {
        guard let a = byLabel[first], let b = byLabel[second] else {
            let missing = [first, second].filter { byLabel[$0] == nil }
            return sheet.leaveOut(id, needs: ClaimText.evaluations(labelled: missing))
        }
        for (measure, scope) in measures {
            guard
                var estimate = try Estimate(
                    a.measurements(measure, scope), minus: b.measurements(measure, scope))?
                    .times(100)
            else {
                sheet.leaveOut(id, needs: ClaimText.twoQuestions(scope.level))
                continue
            }
            if isEqual { estimate.yardstick = Methodology.band(band, estimate.yardstick) }
            let text = ClaimText(
                claim,
                ClaimText.difference(name(measure, a), first, second, scope.level))
            sheet.add(id, text, estimate, unit: "points") {
                isEqual ? Finding($0, within: -band...band) : Finding($0, above: 0)
            }
        }
    }

    private func name(_ measure: Arm.Measure, _ arm: Arm) -> String {
        switch measure {
        case .average: "avg@\(arm.samples)"
        case .pass(let k): "pass@\(k)"
        }
    }

    /// T9: the slope of accuracy on log2 K, one slope per replicate.
    private func addTraces(to sheet: inout ClaimSheet) throws {
        let sized = arms.compactMap { arm -> (k: Int, arm: Arm)? in
            SizedArm(label: arm.label).map { ($0.traces, arm) }
        }.sorted { $0.k < $1.k }
        guard sized.count >= 3 else {
            return sheet.leaveOut(.t9, needs: ClaimText.sizedArms)
        }
        let measured = sized.map { $0.arm.measurements(.average, Scope()) }
        for other in measured.dropFirst() { try measured[0].check(pairsWith: other) }
        let x = sized.map { log2(Double($0.k)) }
        let slopes = measured[0].replicates.indices.compactMap { replicate in
            Interval.slope(
                x: x,
                y: measured.map {
                    let values = $0.replicates[replicate].values
                    return 100 * values.reduce(0, +) / Double(values.count)
                }
            ).map { ($0, measured[0].replicates[replicate].questions.count) }
        }
        guard var estimate = Estimate(slopes, alone: Methodology.slope) else {
            return sheet.leaveOut(.t9, needs: ClaimText.sizedArms)
        }
        if estimate.isOfOne { estimate.yardstick = Methodology.points(x.count) }
        sheet.add(
            .t9, ClaimText.moreTraces(name(.average, sized[0].arm), sized.map(\.k)), estimate,
            unit: "points a doubling"
        ) { Finding($0, above: 0) }
    }
}
