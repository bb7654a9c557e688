import Foundation
import VariationalInference

/// The claims on accuracy, computed from all arms of an experiment.
struct ArmStudy {
    let arms: [Arm]

    /// The label of the arm that represents the method.
    let main: String

    /// The label that the primary claim compares it with; `nil` without a primary claim.
    let primary: String?

    /// The levels of questions, by id.
    let levels: [String: Int]

    /// Differences up to this number of points count as equal.
    let band: Double

    /// The parts of the variance of the primary claim, in points; `nil` before it is added, for one replicate, and if
    /// the arms do not differ.
    private(set) var primaryVariance: TwoWayVariance?

    private let byLabel: [String: Arm]
    private let scopes: [Scope]

    init(
        _ arms: [Arm], main: String, primary: String?, levels: [String: Int], band: Double
    ) {
        self.arms = arms
        self.main = main
        self.primary = primary
        self.levels = levels
        self.band = band
        byLabel = Dictionary(arms.map { ($0.label, $0) }, uniquingKeysWith: { first, _ in first })
        let questions = byLabel[main]?.replicates.first?.tallies.keys.sorted() ?? []
        scopes = Scope.hardest(of: levels, among: questions)
    }

    /// Adds T7 to T10, T12, T13 and T16 to T18, and the parts of T11 and T15 that need arms.
    mutating func add(to sheet: inout ClaimSheet) throws {
        for (label, option) in [(main, "main"), (primary, "primary")] {
            guard primary != nil, let label, byLabel[label] == nil else { continue }
            throw StudyError.noPrimary(label, option: option, known: arms.map(\.label))
        }
        var missing: [ClaimID: [String]] = [:]
        let comparisons = ArmComparison.all(main: main, primary: primary)
        let compared = Set(comparisons.flatMap { [$0.first, $0.second] })
        let others = arms.map(\.label).filter {
            !compared.contains($0) && SizedArm(label: $0) == nil
        }
        if !others.isEmpty { sheet.leaveOut(arms: others) }
        for comparison in comparisons {
            if let first = byLabel[comparison.first], let second = byLabel[comparison.second] {
                try add(comparison, first, second, to: &sheet)
                continue
            }
            // Without both there is no experiment of which a part could be missing.
            let absent = [comparison.first, comparison.second].filter { byLabel[$0] == nil }
            if absent.count == 1 { missing[comparison.id, default: []] += absent }
        }
        for id in ClaimID.allCases {
            if let labels = missing[id] { sheet.leaveOut(id, labels: labels) }
        }
        try addTraces(to: &sheet)
    }

    /// Adds the difference of two arms for each measure.
    private mutating func add(
        _ comparison: ArmComparison, _ first: Arm, _ second: Arm, to sheet: inout ClaimSheet
    ) throws {
        for (measure, scope) in measures(comparison.detail, min(first.samples, second.samples)) {
            let (a, b) = (first.measurements(measure, scope), second.measurements(measure, scope))
            guard var estimate = try Estimate(a, minus: b)?.times(100) else {
                sheet.leaveOut(comparison.id, needs: ClaimText.twoQuestions(scope.level))
                continue
            }
            if comparison.isEqual {
                estimate.yardstick = Methodology.band(band, estimate.yardstick)
            }
            let names = [first, second].map { name(measure, $0) }
            let measured = ClaimText.difference(
                names[0] == names[1] ? names[0] : names.joined(separator: " and "),
                comparison.first, comparison.second, scope.level)
            let isMain = measure == .average && scope.level == nil
            let isPrimary =
                isMain && primary.map { comparison.compares(main, with: $0) } == true
            if isPrimary, estimate.interval.detectableDifference != nil {
                primaryVariance = estimate.variance
            }
            sheet.add(
                comparison.id, ClaimText(comparison.claim, measured), estimate, unit: "points",
                comparison.isEqual ? .within(-band...band) : .above(0), isPrimary: isPrimary)
            guard isMain, isPrimary || comparison.detail == .whole,
                let median = Estimate(medianOf: a, minus: b)?.times(100)
            else { continue }
            sheet.add(
                comparison.id, ClaimText(comparison.claim, ClaimText.median(measured)), median,
                unit: "points", .above(0))
        }
    }

    /// pass@k is that of the largest power of two for which every question has enough of `samples` answers.
    private func measures(
        _ detail: ArmComparison.Detail, _ samples: Int
    ) -> [(Arm.Measure, Scope)] {
        let largestPass = samples >= 2 ? 1 << Int(log2(Double(samples))) : 1
        let averages = scopes.map { (Arm.Measure.average, $0) }
        switch detail {
        case .average: return [(.average, Scope())]
        case .hardest: return averages
        case .whole:
            return averages
                + (largestPass > 1 ? scopes.map { (Arm.Measure.pass(largestPass), $0) } : [])
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
            unit: "points a doubling", .above(0))
    }
}
