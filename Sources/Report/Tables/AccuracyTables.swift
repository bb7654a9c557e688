import Store

/// The accuracies of a run: one table per test, with one row per model, or one row per arm over its replicates
/// if a stage compared the arms of an experiment.
package struct AccuracyTables: Hashable, Sendable {
    private let figures: [Entry]

    package init(_ results: RunResults) {
        let figures = results.arms.isEmpty ? results.accuracy : results.arms
        let comparisons = Set(figures.filter { $0.replicates != nil }.map(\.stage))
        self.figures = figures.map { figure in
            Entry(figure, namesComparison: comparisons.count > 1 && figure.replicates != nil)
        }
    }

    package var tables: [TitledTable] { averages.map(\.test).distinct.map(table) }

    private var averages: [Entry] {
        figures.filter { $0.level == nil && $0.test.measure.hasPrefix("avg@") }
    }

    private func table(_ test: Test) -> TitledTable {
        let rows = averages.filter { $0.test == test }.map(\.row).distinct
        let members = figures.filter { rows.contains($0.row) }
        let levels = Set(members.compactMap(\.level)).sorted()
        let passes = members.filter { $0.level == nil && !$0.test.measure.hasPrefix("avg@") }
            .map(\.test.measure).distinct
        let isCompared = rows.contains { $0.replicates != nil }
        let cells = rows.map { row in
            let own = members.filter { $0.row == row }
            func cell(_ measure: String, _ level: Int?) -> SQLValue {
                own.first { $0.test.measure == measure && $0.level == level }?.cell ?? .null
            }
            return [.text(name(of: row, among: rows))]
                + (isCompared ? [row.replicates.map { .integer(Int64($0)) } ?? .null] : [])
                + [cell(test.measure, nil)] + levels.map { cell(test.measure, $0) }
                + passes.map { cell($0, nil) }
        }
        return TitledTable(
            title: "Accuracy in %\(test.text), \(Self.interval(of: rows))",
            table: Table(
                columns: (isCompared ? ["arm", "replicates"] : ["model"]) + ["all"]
                    + levels.map { "L\($0)" } + passes, rows: cells))
    }

    private static func interval(of rows: [Row]) -> String {
        let several = rows.count(where: \.isMean)
        return several == 0
            ? "± 95% interval clustered by question"
            : "mean over replicates ± 95% interval over them"
                + (several == rows.count
                    ? "" : "; clustered by question if there are fewer than two")
    }

    /// The label; if several stages have the same label, with the id of the stage.
    private func name(of row: Row, among rows: [Row]) -> String {
        guard rows.count(where: { $0.label == row.label }) > 1 else { return row.label }
        return "\(row.label) (\(row.stage))"
    }

    /// Figures of the same test are comparable.
    private struct Test: Hashable {
        /// The stage that compared arms, if several did.
        let comparison: String?
        let measure: String
        let questions: Int
        let samples: Int?

        var text: String {
            (comparison.map { ", \($0)" } ?? "") + ": \(measure) on \(questions) questions"
                + (samples.map { ", \($0) completions each" } ?? "")
        }
    }

    /// A label has one row per stage that measured or compared it.
    private struct Row: Hashable {
        let label: String
        let stage: String
        let replicates: Int?

        var isMean: Bool { (replicates ?? 0) > 1 }
    }

    private struct Entry: Hashable {
        let row: Row
        let test: Test
        let level: Int?
        let cell: SQLValue

        init(_ figure: AccuracyFigure, namesComparison: Bool) {
            row = Row(
                label: figure.label, stage: figure.stage, replicates: figure.replicates)
            test = Test(
                comparison: namesComparison ? figure.stage : nil, measure: figure.measure,
                questions: figure.questions, samples: figure.samples)
            level = figure.level
            func percent(_ share: Double?) -> Double? { share.map { 100 * $0 } }
            cell = .text(
                Estimate.text(
                    percent(figure.value), low: percent(figure.low), high: percent(figure.high),
                    digits: 1))
        }
    }
}

extension Sequence where Element: Hashable {
    /// The distinct elements, in the order of their first occurrence.
    var distinct: [Element] {
        var seen = Set<Element>()
        return filter { seen.insert($0).inserted }
    }
}
