import Store

/// The accuracies of a run: a table for each test that models took, a row a model.
package struct AccuracyTables: Hashable, Sendable {
    private let figures: [AccuracyFigure]

    /// `figures` in the order of the run's stages.
    package init(_ figures: [AccuracyFigure]) { self.figures = figures }

    package var tables: [TitledTable] { averages.map(Test.init).distinct.map(table) }

    private var averages: [AccuracyFigure] {
        figures.filter { $0.level == nil && $0.measure.hasPrefix("avg@") }
    }

    /// What makes figures comparable.
    private struct Test: Hashable {
        let measure: String
        let questions: Int
        let samples: Int

        init(_ figure: AccuracyFigure) {
            measure = figure.measure
            questions = figure.questions
            samples = figure.samples
        }
    }

    private func table(_ test: Test) -> TitledTable {
        let stages = averages.filter { Test($0) == test }
            .map { Row(stage: $0.stage, label: $0.label) }.distinct
        let members = figures.filter { stages.contains(Row(stage: $0.stage, label: $0.label)) }
        let levels = Set(members.compactMap(\.level)).sorted()
        let passes = members.filter { $0.level == nil && !$0.measure.hasPrefix("avg@") }
            .map(\.measure).distinct
        let columns = ["model", "all"] + levels.map { "L\($0)" } + passes
        let rows = stages.map { stage in
            let own = members.filter { $0.stage == stage.stage && $0.label == stage.label }
            func cell(_ measure: String, _ level: Int?) -> Cell {
                own.first { $0.measure == measure && $0.level == level }.map(Self.cell) ?? .null
            }
            return [.text(name(of: stage, among: stages)), cell(test.measure, nil)]
                + levels.map { cell(test.measure, $0) } + passes.map { cell($0, nil) }
        }
        return TitledTable(
            title: "Accuracy in %: \(test.measure) on \(test.questions) questions, "
                + "\(test.samples) completions each, ± 95% interval clustered by question",
            table: Table(columns: columns, rows: rows))
    }

    private struct Row: Hashable {
        let stage: String
        let label: String
    }

    /// The label; that of several instances of a stage with their place in the matrix.
    private func name(of row: Row, among rows: [Row]) -> String {
        guard rows.count(where: { $0.label == row.label }) > 1 else { return row.label }
        return "\(row.label) (\(row.stage))"
    }

    private static func cell(_ figure: AccuracyFigure) -> Cell {
        .text(
            Estimate.text(
                100 * figure.value, low: 100 * figure.low, high: 100 * figure.high, digits: 1))
    }
}
