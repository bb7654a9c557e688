import Store

/// What the models of compared arms cost: one row per arm, and which arms did not sample as much as the main one.
package struct CostTable: Hashable, Sendable {
    /// The largest difference of generated tokens, as a share, with which two arms count as matched.
    private static let tolerance = 0.1

    private let costs: [ArmCost]

    package init(_ costs: [ArmCost]) { self.costs = costs }

    /// `nil` without costs.
    package var titled: TitledTable? {
        guard let reference else { return nil }
        let rows = costs.map { cost -> [SQLValue] in
            [
                .text(cost.label), .integer(Int64(cost.replicates)),
                Self.whole(cost.generatedTokens), ratio(cost).map { .text($0.fixed(2)) } ?? .null,
                Self.whole(cost.scoredTokens), Self.whole(cost.trainedTokens),
                Self.whole(cost.verifierCalls), .text(cost.cpuSeconds.fixed(1)),
            ]
        }
        return TitledTable(
            title:
                "Cost of the arms without pretraining and candidates that were not chosen: means over "
                + "replicates; ratio of generated tokens to \(reference.label)",
            table: Table(
                columns: [
                    "arm", "replicates", "generated tokens", "ratio", "scored tokens",
                    "trained tokens", "verifier calls", "processor seconds",
                ], rows: rows), note: note)
    }

    /// The main arm; the one that generated most if none is.
    private var reference: ArmCost? {
        costs.first(where: \.isMain) ?? costs.max { $0.generatedTokens < $1.generatedTokens }
    }

    /// `nil` if the reference generated nothing.
    private func ratio(_ cost: ArmCost) -> Double? {
        guard let reference, reference.generatedTokens > 0 else { return nil }
        return cost.generatedTokens / reference.generatedTokens
    }

    private var note: String {
        // An arm that samples nothing, such as supervised fine-tuning, is not meant to match.
        let unmatched = costs.filter {
            $0.generatedTokens > 0 && abs((ratio($0) ?? 1) - 1) > Self.tolerance
        }
        let unmeasured = costs.filter { $0.unmeasured > 0 }
        func names(_ costs: [ArmCost]) -> String { costs.map(\.label).joined(separator: ", ") }
        return [
            unmatched.isEmpty
                ? nil
                : "Not matched: the generated tokens of \(names(unmatched)) differ by more than 10 % from those of \(reference?.label ?? "").",
            unmeasured.isEmpty
                ? nil
                : "Too low: stages of an earlier version did not report their work for \(names(unmeasured)).",
        ].compactMap { $0 }.joined(separator: " ")
    }

    private static func whole(_ number: Double) -> SQLValue { .integer(Int64(number.rounded())) }
}
