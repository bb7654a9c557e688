import ArgumentParser
import Report
import Store

/// `vireo metrics`
struct MetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Prints the metrics of a stage, such as its loss at every step.")

    @OptionGroup var stage: StageArguments

    @Option(
        name: .long, help: ArgumentHelp("Print only the metric with this name.", valueName: "name"))
    var name: String?

    @Option(name: .long, help: "The output format: table, csv, json or markdown.")
    var format = Table.Format.table

    @OptionGroup var store: StoreOptions

    private static let columns = ["stage", "metric", "step", "value"]

    func run() throws {
        let store = try store.open()
        let run = try stage.number.map { try store.run(numbered: $0).id }
        guard try store.hasRun(stage: stage.stage, in: run) else {
            throw CommandError.neverRan(stage.stage)
        }
        if format == .csv {
            var rows = SeparatedRows { try StandardStream.print($0) }
            rows.printHeader(Self.columns)
            try store.eachMetric(ofStage: stage.stage, run: run, series: name) { stage, name, row in
                rows.print(after: [stage, name], row, columns: 2)
            }
            try rows.finish()
            return
        }
        var layout = TableLayout(columns: Self.columns)
        if format != .json {
            try eachPoint(in: store, run) {
                layout.measure($0)
                return true
            }
        }
        var rows = PrintedRows(columns: Self.columns, layout: layout, format: format) {
            try StandardStream.print($0)
        }
        try eachPoint(in: store, run) { rows.print($0) }
        try rows.finish()
    }

    private func eachPoint(
        in store: Store, _ run: RunID?, _ body: ([SQLValue]) -> Bool
    ) throws {
        try store.eachMetric(ofStage: stage.stage, run: run, series: name) { stage, name, row in
            let value = SQLValue(row.value(1))
            // SQLite stores NaN as NULL.
            return body([
                .text(stage), .text(name), SQLValue(row.value(0)),
                value == .null ? .real(.nan) : value,
            ])
        }
    }
}
