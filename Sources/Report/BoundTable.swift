import Store

/// The multi-trace bounds of a run: a row a stage, a column for each number of traces.
package struct BoundTable: Hashable, Sendable {
    private let figures: [BoundFigure]

    /// `figures` in the order of the run's stages.
    package init(_ figures: [BoundFigure]) { self.figures = figures }

    /// The table under its title; empty without figures.
    package var text: String {
        guard !figures.isEmpty else { return "" }
        let sizes = Set(figures.map(\.k)).sorted()
        var stages = [String]()
        for figure in figures where !stages.contains(figure.stage) { stages.append(figure.stage) }
        let rows = stages.map { stage in
            let own = figures.filter { $0.stage == stage }
            let questions = own.map(\.questions).max() ?? 0
            let cells = sizes.map { size in
                own.first { $0.k == size }.map(Self.cell) ?? Cell.null
            }
            return [.text(stage), .integer(Int64(questions))] + cells
        }
        let columns = ["stage", "questions"] + sizes.map { "K = \($0)" }
        return "Multi-trace bound L^K in nats, ± 95% interval over questions\n"
            + Table(columns: columns, rows: rows).aligned
    }

    private static func cell(_ figure: BoundFigure) -> Cell {
        .text(Estimate.text(figure.value, low: figure.low, high: figure.high, digits: 3))
    }
}
