import VariationalInference

/// Rows of claims, and what was left out and why.
struct ClaimSheet: Hashable {
    private(set) var rows: [ClaimRecord] = []
    private(set) var omissions: [String] = []

    /// A figure with an interval.
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

    /// A figure without an interval: one that is exact, or has no known error.
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

    /// `part` says which of the claim's rows, where others may be there.
    mutating func leaveOut(_ id: ClaimID, _ part: String? = nil, needs what: String) {
        let name = [id.rawValue, part].compactMap(\.self).joined(separator: " ")
        omissions.append("\(name) is left out: it needs \(what)")
    }

    /// The rows by the claims' numbers, each claim's in the order in which they were added.
    var ordered: [ClaimRecord] {
        ClaimID.allCases.flatMap { id in rows.filter { $0.id == id.rawValue } }
    }
}

/// What a row claims and what it measures, in words.
struct ClaimText: Hashable {
    let claim: String
    let measured: String

    init(_ claim: String, _ measured: String) {
        self.claim = claim
        self.measured = measured
    }
}
