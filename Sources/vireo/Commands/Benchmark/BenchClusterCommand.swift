import ArgumentParser
import Reasoning
import Report

/// `vireo bench cluster`
struct BenchClusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Measures the coordinator of a run on a simulated cluster.",
        discussion: """
            The nodes and the time are simulated; the store, the shared directory and the results are real. \
            Figures that are linear in the number of tasks stay the same per task. `questions` is the number \
            of times that the coordinator asked for the queue.
            """)

    @Option(name: .long, help: ArgumentHelp("The number of stages.", valueName: "n"))
    var tasks = 10_000

    @Option(
        name: .long,
        help: ArgumentHelp("The number of tasks that run at the same time.", valueName: "n"))
    var nodes = 1_000

    @Option(
        name: .long,
        help: ArgumentHelp("The share of starts that end without a result.", valueName: "share"))
    var failures = 0.01

    @Option(
        name: .long,
        help: ArgumentHelp("The share of starts that are preempted.", valueName: "share"))
    var preemptions = 0.02

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    func validate() throws {
        for (name, count) in [("--tasks", tasks), ("--nodes", nodes)] {
            guard count >= 1, count <= 10_000_000 else {
                throw ValidationError("\(name) must be from 1 to 10000000")
            }
        }
        guard failures >= 0, preemptions >= 0, failures + preemptions <= 0.5 else {
            throw ValidationError(
                "--failures and --preemptions must be from 0, together at most 0.5")
        }
    }

    func run() async throws {
        let report = try await ClusterBenchmark(
            tasks: tasks, nodes: nodes, failures: failures, preemptions: preemptions
        ).report()
        try StandardStream.print(
            json ? JSONLines.text(of: report) + "\n" : report.table.text(as: .table))
    }
}
