import ArgumentParser
import Report
import Store

/// `vireo metrics`
struct ShowMetrics: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Prints the series of a stage, such as its loss at every step.")

    @OptionGroup var stage: StageArguments

    @Option(name: .long, help: ArgumentHelp("Only the series with this name.", valueName: "name"))
    var name: String?

    @Option(name: .long, help: "How to print the points: table, csv, json or markdown.")
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
            var rows = SeparatedRows()
            rows.printHeader(Self.columns)
            try store.eachMetric(ofStage: stage.stage, run: run, series: name) { row in
                rows.print(row, columns: Self.columns.count)
            }
            try rows.finish()
        } else {
            var rows: [[Cell]] = []
            try store.eachMetric(ofStage: stage.stage, run: run, series: name) { row in
                rows.append(Self.columns.indices.map { Cell(Console.Cell(row.value($0))) })
                return true
            }
            try StandardStream.print(Table(columns: Self.columns, rows: rows).text(as: format))
        }
    }
}
