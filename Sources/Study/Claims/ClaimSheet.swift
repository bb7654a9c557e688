import Reasoning
import VariationalInference

/// Collects rows of claims, and claims that are left out with the reason.
struct ClaimSheet: Hashable {
    private(set) var rows: [ClaimRecord] = []
    private(set) var omissions: [String] = []

    /// Adds a figure with an interval. The finding on the primary claim is not adjusted, as it is tested alone.
    mutating func add(
        _ id: ClaimID, _ text: ClaimText, _ estimate: Estimate, unit: String,
        _ hypothesis: Hypothesis, isPrimary: Bool = false
    ) {
        let interval = estimate.interval
        let finding = hypothesis.finding(interval).rawValue
        rows.append(
            ClaimRecord(
                id: id.rawValue, claim: text.claim, measured: text.measured,
                value: interval.value, low: interval.low, high: interval.high, unit: unit,
                yardstick: estimate.yardstick, questions: estimate.questions,
                replicates: estimate.replicates, finding: finding, isPrimary: isPrimary,
                pValue: hypothesis.pValue(interval), adjustedFinding: isPrimary ? finding : nil,
                detectable: interval.detectableDifference))
    }

    /// Adds a figure without an interval: one that is exact or has no known error.
    mutating func add(
        _ id: ClaimID, _ text: ClaimText, _ value: Double, unit: String, yardstick: String,
        questions: Int? = nil, replicates: Int? = nil, holds: Bool
    ) {
        rows.append(
            ClaimRecord(
                id: id.rawValue, claim: text.claim, measured: text.measured, value: value,
                low: nil, high: nil, unit: unit, yardstick: yardstick, questions: questions,
                replicates: replicates,
                finding: (holds ? Finding.holds : .doesNotHold).rawValue))
    }

    /// `part` identifies the rows if other rows of the claim may exist.
    mutating func leaveOut(_ id: ClaimID, _ part: String? = nil, needs what: String) {
        let name = [id.rawValue, part].compactMap(\.self).joined(separator: " ")
        omissions.append("\(name) is left out: it needs \(what)")
    }

    /// One message for all labels without evaluations that rows of a claim need.
    mutating func leaveOut(_ id: ClaimID, labels: [String]) {
        omissions.append(
            "\(id.rawValue) has no rows on \(labels.joined(separator: ", ")): no evaluations have \(labels.count == 1 ? "this label" : "these labels")"
        )
    }

    /// One message for all arms whose labels have no meaning.
    mutating func leaveOut(arms labels: [String]) {
        omissions.append(
            "no claim compares \(labels.joined(separator: ", ")): an arm with a label of its own is compared only as `main` or `primary`"
        )
    }

    /// The rows with their adjusted findings: first those on the primary claim, then the others in the order of
    /// claims, and within a claim in the order in which they were added.
    var ordered: [ClaimRecord] {
        let rows = adjusted
        let primary = rows.first(where: \.isPrimary)
        func isPrimary(_ row: ClaimRecord) -> Bool {
            row.id == primary?.id && row.claim == primary?.claim
        }
        return rows.filter(\.isPrimary) + rows.filter { isPrimary($0) && !$0.isPrimary }
            + ClaimID.allCases.flatMap { id in
                rows.filter { $0.id == id.rawValue && !isPrimary($0) }
            }
    }

    /// The rows with findings adjusted by Holm's method over all rows with a p-value, except the primary one.
    private var adjusted: [ClaimRecord] {
        var rows = rows
        let family = rows.indices.filter { rows[$0].pValue != nil && !rows[$0].isPrimary }
        for (index, pValue) in zip(family, holmAdjusted(family.compactMap { rows[$0].pValue })) {
            rows[index].adjustedFinding =
                pValue <= Methodology.level ? rows[index].finding : Finding.undecided.rawValue
        }
        return rows
    }
}

/// The texts of a row: the claim and the measured quantity.
struct ClaimText: Hashable {
    let claim: String
    let measured: String

    init(_ claim: String, _ measured: String) {
        self.claim = claim
        self.measured = measured
    }
}
