import Store

/// The candidates of choices among models, and how often each was chosen.
package struct CandidateTable: Hashable, Sendable {
    private let candidates: [CandidateFigure]

    package init(_ candidates: [CandidateFigure]) { self.candidates = candidates }

    /// `nil` without candidates.
    package var titled: TitledTable? {
        guard !candidates.isEmpty else { return nil }
        return TitledTable(
            title: "Candidates: mean accuracy in % on validation, and how many choices took them",
            table: Table(
                columns: ["candidate", "measure", "accuracy", "chosen", "of"],
                rows: candidates.map { candidate in
                    [
                        .text(candidate.label), .text(candidate.measure),
                        .text((100 * candidate.value).fixed(1)), .integer(Int64(candidate.chosen)),
                        .integer(Int64(candidate.choices)),
                    ]
                }))
    }
}
