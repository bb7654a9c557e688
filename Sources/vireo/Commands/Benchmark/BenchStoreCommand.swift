import ArgumentParser
import Reasoning
import Report

/// `vireo bench store`
struct BenchStoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract:
            "Measures the database and the archives on generated data, in a temporary directory.",
        discussion: """
            `points_written_per_s` are points of series that are written to the store; \
            `points_printed_per_s` those of a `command` stage whose program prints them, the whole run. \
            Rows are traces that are read from a file of an artifact, which is archived too. \
            `ms_per_stage` is a run of short commands divided by their number, `cached_run_s` the same run \
            again; `files_run_s` a run of two commands of which one makes small files and one reads them.
            """)

    @Option(name: .long, help: ArgumentHelp("Points of series; 0 for none.", valueName: "n"))
    var points = 1_000_000

    @Option(name: .long, help: ArgumentHelp("Traces; 0 for none.", valueName: "n"))
    var rows = 500_000

    @Option(
        name: .long,
        help: ArgumentHelp("Megabytes of an artifact; 0 for none.", valueName: "n"))
    var megabytes = 500

    @Option(name: .long, help: ArgumentHelp("Short commands; 0 for none.", valueName: "n"))
    var stages = 1000

    @Option(
        name: .long, help: ArgumentHelp("Small files of an artifact; 0 for none.", valueName: "n"))
    var files = 10_000

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    func validate() throws {
        for (name, count) in [
            ("--points", points), ("--rows", rows), ("--megabytes", megabytes),
            ("--stages", stages), ("--files", files),
        ] {
            guard count >= 0 else { throw ValidationError("\(name) must be 0 or more") }
            guard count <= 1 << 30 else {
                throw ValidationError("\(name) must be at most 1073741824")
            }
        }
        guard stages <= 10_000 else { throw ValidationError("--stages must be at most 10000") }
    }

    func run() async throws {
        let benchmark = try StoreBenchmark(
            rows: rows, points: points, megabytes: megabytes, stages: stages, files: files)
        let report = try await benchmark.report()
        try StandardStream.print(
            json ? JSONLines.text(of: report) + "\n" : report.table.text(as: .table))
    }
}
