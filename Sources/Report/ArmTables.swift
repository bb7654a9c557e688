import Store

/// The accuracies of an experiment's arms over its replicates: a table for each test, a row an arm.
package struct ArmTables: Hashable, Sendable {
    private let figures: [ArmFigure]

    /// `figures` in the order that tables are to have.
    package init(_ figures: [ArmFigure]) { self.figures = figures }

    package var tables: [TitledTable] { averages.map(Test.init).distinct.map(table) }

    private var averages: [ArmFigure] {
        figures.filter { $0.level == nil && $0.measure.hasPrefix("avg@") }
    }

    /// What makes figures comparable.
    private struct Test: Hashable {
        let measure: String
        let questions: Int

        init(_ figure: ArmFigure) {
            measure = figure.measure
            questions = figure.questions
        }
    }

    /// A label has one row, but for those that no stage compared: they have one a stage.
    private struct Row: Hashable {
        let label: String
        let stage: String?
        let replicates: Int?

        init(_ figure: ArmFigure) {
            label = figure.label
            stage = figure.replicates == nil ? figure.stage : nil
            replicates = figure.replicates
        }
    }

    private func table(_ test: Test) -> TitledTable {
        let rows = averages.filter { Test($0) == test }.map(Row.init).distinct
        let members = figures.filter { rows.contains(Row($0)) }
        let levels = Set(members.compactMap(\.level)).sorted()
        let passes = members.filter { $0.level == nil && !$0.measure.hasPrefix("avg@") }
            .map(\.measure).distinct
        let cells = rows.map { row in
            let own = members.filter { Row($0) == row }
            func cell(_ measure: String, _ level: Int?) -> Cell {
                own.first { $0.measure == measure && $0.level == level }.map(Self.cell) ?? .null
            }
            return [
                .text(name(of: row, among: rows)),
                row.replicates.map { .integer(Int64($0)) } ?? .null, cell(test.measure, nil),
            ]
                + levels.map { cell(test.measure, $0) } + passes.map { cell($0, nil) }
        }
        let isMixed = rows.contains { $0.replicates == nil }
        return TitledTable(
            title: "Accuracy in %: \(test.measure) on \(test.questions) questions, "
                + "mean over replicates ± 95% interval over them"
                + (isMixed ? "; without replicates clustered by question" : ""),
            table: Table(
                columns: ["arm", "replicates", "all"] + levels.map { "L\($0)" } + passes,
                rows: cells))
    }

    private func name(of row: Row, among rows: [Row]) -> String {
        guard let stage = row.stage, rows.count(where: { $0.label == row.label }) > 1 else {
            return row.label
        }
        return "\(row.label) (\(stage))"
    }

    private static func cell(_ figure: ArmFigure) -> Cell {
        .text(
            Estimate.text(
                100 * figure.value, low: 100 * figure.low, high: 100 * figure.high, digits: 1))
    }
}
