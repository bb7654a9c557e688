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
            `points_written_per_s` is the number of metric values written to the store per second; \
            `points_printed_per_s` is the same for the whole run of a `command` stage whose program prints \
            them. Rows are traces, read from a file of an artifact that is also archived. `ms_per_stage` \
            is the time of a run of short commands divided by their number, and `cached_run_s` the time of \
            a repetition of this run. `files_run_s` is the time of a run of two commands, of which one \
            writes small files and one reads them.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp("The number of metric values; 0 skips this part.", valueName: "n"))
    var points = 1_000_000

    @Option(
        name: .long, help: ArgumentHelp("The number of traces; 0 skips this part.", valueName: "n"))
    var rows = 500_000

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The size of an artifact in megabytes; 0 skips this part.", valueName: "n"))
    var megabytes = 500

    @Option(
        name: .long,
        help: ArgumentHelp("The number of short commands; 0 skips this part.", valueName: "n"))
    var stages = 1000

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The number of small files in an artifact; 0 skips this part.", valueName: "n"))
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
