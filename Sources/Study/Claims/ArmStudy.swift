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
        let averages = scopes.map { (Arm.Measure.average, $0) }
        let passes = largestPass > 1 ? scopes.map { (Arm.Measure.pass(largestPass), $0) } : []
        try add(
            ArmComparison(.t7, ClaimText.noHint, main, ArmLabel.noHint.rawValue), averages,
            to: &sheet)
        for comparison in rivals { try add(comparison, averages + passes, to: &sheet) }
        try addTraces(to: &sheet)
        for comparison in variants { try add(comparison, [(.average, Scope())], to: &sheet) }
    }

    /// T8: the method against other methods, and with the other selection of traces.
    private var rivals: [ArmComparison] {
        let others = ClaimText.rivals.map { label, words in
            ArmComparison(.t8, ClaimText.beats(words), main, label.rawValue)
        }
        guard let arm = VariationalArm(label: main) else { return others }
        let other = arm.with(\.isArgmax, !arm.isArgmax)
        return others + [
            ArmComparison(
                .t8, ClaimText.weighting(isArgmax: arm.isArgmax), main, other.label)
        ]
    }

    /// T10 to T13 and T16: variants of the method, on all questions.
    private var variants: [ArmComparison] {
        let arm = VariationalArm(label: main) ?? VariationalArm()
        let accuracy = arm.with(\.estimator, .accuracy).label
        let geometricMean = arm.with(\.estimator, .geometricMean).label
        let likelihood = arm.with(\.estimator, .likelihood).label
        let best = arm.with(\.isArgmax, true)
        let weighted = arm.with(\.isArgmax, false)
        return [
            ArmComparison(.t10, ClaimText.beatsLikelihood(.accuracy), accuracy, likelihood),
            ArmComparison(
                .t10, ClaimText.beatsLikelihood(.geometricMean), geometricMean, likelihood),
            ArmComparison(
                .t10, ClaimText.likeAccuracy, accuracy, geometricMean, isEqual: true),
            ArmComparison(
                .t11, ClaimText.exactRatioTrains, main, ArmLabel.exactRatio.rawValue),
            ArmComparison(
                .t12, ClaimText.mixHelpsBest, best.with(\.isMixed, true).label,
                best.with(\.isMixed, false).label),
            ArmComparison(
                .t12, ClaimText.mixHurtsWeighted, weighted.with(\.isMixed, false).label,
                weighted.with(\.isMixed, true).label),
            ArmComparison(
                .t13, ClaimText.disjoint, ArmLabel.disjoint.rawValue, main, isEqual: true),
            ArmComparison(.t16, ClaimText.secondRound, ArmLabel.secondRound.rawValue, main),
        ]
    }

    /// Adds the difference of two arms for each measure. Omitted if an arm is missing.
    private func add(
        _ comparison: ArmComparison, _ measures: [(Arm.Measure, Scope)],
        to sheet: inout ClaimSheet
    ) throws {
        let (id, first, second) = (comparison.id, comparison.first, comparison.second)
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
            if comparison.isEqual {
                estimate.yardstick = Methodology.band(band, estimate.yardstick)
            }
            let text = ClaimText(
                comparison.claim,
                ClaimText.difference(name(measure, a), first, second, scope.level))
            sheet.add(id, text, estimate, unit: "points") {
                comparison.isEqual ? Finding($0, within: -band...band) : Finding($0, above: 0)
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

/// A claim on the difference of accuracy between two arms, given by their labels.
private struct ArmComparison {
    let id: ClaimID
    let claim: String
    let first: String
    let second: String

    /// Whether the claim is that the difference is small; otherwise, that it is positive.
    let isEqual: Bool

    init(
        _ id: ClaimID, _ claim: String, _ first: String, _ second: String, isEqual: Bool = false
    ) {
        self.id = id
        self.claim = claim
        self.first = first
        self.second = second
        self.isEqual = isEqual
    }
}
