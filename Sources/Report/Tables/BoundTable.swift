import Store

/// The multi-trace bounds of a run: one row per stage, one column per number of traces.
package struct BoundTable: Hashable, Sendable {
    private let figures: [BoundFigure]

    /// `figures` must be in the order of the stages of the run.
    package init(_ figures: [BoundFigure]) { self.figures = figures }

    /// `nil` without figures.
    package var titled: TitledTable? {
        guard !figures.isEmpty else { return nil }
        let sizes = Set(figures.map(\.k)).sorted()
        let rows = figures.map(\.stage).distinct.map { stage in
            let own = figures.filter { $0.stage == stage }
            let questions = own.map(\.questions).max() ?? 0
            let cells = sizes.map { size in
                own.first { $0.k == size }.map(Self.cell) ?? SQLValue.null
            }
            return [.text(stage), .integer(Int64(questions))] + cells
        }
        let columns = ["stage", "questions"] + sizes.map { "K = \($0)" }
        return TitledTable(
            title: "Multi-trace bound L^K in nats, ± 95% interval over questions",
            table: Table(columns: columns, rows: rows))
    }

    private static func cell(_ figure: BoundFigure) -> SQLValue {
        .text(Estimate.text(figure.value, low: figure.low, high: figure.high, digits: 3))
    }
}
