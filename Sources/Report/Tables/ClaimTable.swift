import Reasoning
import Store

/// The tested claims with their findings.
package struct ClaimTable: Hashable, Sendable {
    private let claims: [ClaimRecord]

    /// The stage that tested them, if it is not the only one.
    private let stage: String?

    package init(_ claims: [ClaimRecord], of stage: String? = nil) {
        self.claims = claims
        self.stage = stage
    }

    /// One table per stage that tested claims. Theorems, which need no data, are in the first alone.
    package static func all(_ claims: [StageClaim]) -> [ClaimTable] {
        let stages = claims.map(\.stage).distinct
        var theorems = Set<ClaimRecord>()
        return stages.map { stage in
            let own = claims.filter { $0.stage == stage }.map(\.claim).filter { claim in
                claim.questions != nil || claim.replicates != nil
                    || theorems.insert(claim).inserted
            }
            return ClaimTable(own, of: stages.count > 1 ? stage : nil)
        }
    }

    /// The table for 120 columns, with empty lines between rows; empty without claims. If a claim has several
    /// rows, only the first shows its text.
    package var text: String {
        guard !claims.isEmpty else { return "" }
        let rows = claims.enumerated().map { index, claim in
            let isFirst =
                index == 0 || claims[index - 1].id != claim.id
                || Self.claim(claims[index - 1]) != Self.claim(claim)
            return [
                isFirst ? .text(claim.id) : .null, isFirst ? .text(Self.claim(claim)) : .null,
                .text(Self.measured(claim)), .text(Self.value(of: claim)),
                Self.count(claim.questions), Self.count(claim.replicates),
            ] + findings(claim)
        }
        let table = Table(
            columns: ["id", "claim", "measured", "value", "n", "seeds"] + findingColumns,
            rows: rows)
        return TitledTable(title: heading, table: table.wrapped(to: 120)).text
    }

    /// The table with the methodology; `nil` without claims.
    package var titled: TitledTable? {
        guard !claims.isEmpty else { return nil }
        return TitledTable(
            title: heading,
            table: Table(
                columns: [
                    "id", "claim", "measured", "value", "yardstick", "questions", "seeds",
                ] + findingColumns,
                rows: claims.map { claim in
                    [
                        .text(claim.id), .text(Self.claim(claim)), .text(Self.measured(claim)),
                        .text(Self.value(of: claim)), .text(claim.yardstick),
                        Self.count(claim.questions), Self.count(claim.replicates),
                    ] + findings(claim)
                }))
    }

    // MARK: Findings

    /// Claims of earlier versions, and those that need no data, have no p-values.
    private var isTested: Bool { claims.contains { $0.pValue != nil } }

    private var heading: String {
        "Claims\(stage.map { " of \($0)" } ?? ""): measurements with 95% intervals, and findings"
            + (isTested ? ", raw and adjusted by Holm's method" : "")
    }

    private var findingColumns: [String] {
        isTested ? ["p", "finding", "adjusted"] : ["finding"]
    }

    private func findings(_ claim: ClaimRecord) -> [SQLValue] {
        let finding = SQLValue.text(claim.finding)
        guard isTested else { return [finding] }
        return [
            claim.pValue.map { .text($0 < 0.001 ? "<0.001" : $0.fixed(3)) } ?? .null, finding,
            claim.adjustedFinding.map { .text($0) } ?? .null,
        ]
    }

    // MARK: Cells

    private static func claim(_ claim: ClaimRecord) -> String {
        claim.isPrimary ? "Primary claim: \(claim.claim)" : claim.claim
    }

    /// What was measured, and what the primary claim's measurement could have found.
    private static func measured(_ claim: ClaimRecord) -> String {
        guard claim.isPrimary, let detectable = claim.detectable else { return claim.measured }
        let least = Estimate.text(detectable, low: nil, high: nil)
        return "\(claim.measured); \(least) \(claim.unit) would be found with 80% power"
    }

    private static func value(of claim: ClaimRecord) -> String {
        let text = Estimate.text(claim.value, low: claim.low, high: claim.high)
        return claim.value?.isFinite == true && !claim.unit.isEmpty ? "\(text) \(claim.unit)" : text
    }

    private static func count(_ count: Int?) -> SQLValue {
        count.map { .integer(Int64($0)) } ?? .null
    }
}
