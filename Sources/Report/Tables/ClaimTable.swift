import Reasoning
import Store

/// The tested claims with their findings.
package struct ClaimTable: Hashable, Sendable {
    private static let title = "Claims: measurements with 95% intervals, and findings"

    private let claims: [ClaimRecord]

    package init(_ claims: [ClaimRecord]) { self.claims = claims }

    /// The table for 120 columns, with empty lines between rows; empty without claims. If a claim has several
    /// rows, only the first shows its text.
    package var text: String {
        guard !claims.isEmpty else { return "" }
        let rows = claims.enumerated().map { index, claim in
            let isFirst =
                index == 0 || claims[index - 1].id != claim.id
                || claims[index - 1].claim != claim.claim
            return [
                isFirst ? .text(claim.id) : .null, isFirst ? .text(claim.claim) : .null,
                .text(claim.measured), .text(Self.value(of: claim)),
                Self.count(claim.questions), Self.count(claim.replicates), .text(claim.finding),
            ]
        }
        let table = Table(
            columns: ["id", "claim", "measured", "value", "n", "seeds", "finding"], rows: rows)
        return TitledTable(title: Self.title, table: table.wrapped(to: 120)).text
    }

    /// The table with the methodology; `nil` without claims.
    package var titled: TitledTable? {
        guard !claims.isEmpty else { return nil }
        return TitledTable(
            title: Self.title,
            table: Table(
                columns: [
                    "id", "claim", "measured", "value", "yardstick", "questions", "seeds",
                    "finding",
                ],
                rows: claims.map { claim in
                    [
                        .text(claim.id), .text(claim.claim), .text(claim.measured),
                        .text(Self.value(of: claim)), .text(claim.yardstick),
                        Self.count(claim.questions), Self.count(claim.replicates),
                        .text(claim.finding),
                    ]
                }))
    }

    private static func value(of claim: ClaimRecord) -> String {
        let text = Estimate.text(claim.value, low: claim.low, high: claim.high)
        return claim.value?.isFinite == true && !claim.unit.isEmpty ? "\(text) \(claim.unit)" : text
    }

    private static func count(_ count: Int?) -> SQLValue {
        count.map { .integer(Int64($0)) } ?? .null
    }
}
