import Reasoning
import VariationalInference

/// Collects rows of claims, and claims that are left out with the reason.
struct ClaimSheet: Hashable {
    private(set) var rows: [ClaimRecord] = []
    private(set) var omissions: [String] = []

    /// Adds a figure with an interval.
    mutating func add(
        _ id: ClaimID, _ text: ClaimText, _ estimate: Estimate, unit: String,
        _ finding: (Interval) -> Finding
    ) {
        let interval = estimate.interval
        rows.append(
            ClaimRecord(
                id: id.rawValue, claim: text.claim, measured: text.measured,
                value: interval.value, low: interval.low, high: interval.high, unit: unit,
                yardstick: estimate.yardstick, questions: estimate.questions,
                replicates: estimate.replicates, finding: finding(interval).rawValue))
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

    /// The rows in the order of claims, and within a claim in the order in which they were added.
    var ordered: [ClaimRecord] {
        ClaimID.allCases.flatMap { id in rows.filter { $0.id == id.rawValue } }
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
