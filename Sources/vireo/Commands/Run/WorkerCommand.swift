import ArgumentParser
import CSystem
import Execution
import Foundation
import Glibc
import Processes
import Stages

/// `vireo worker`: the process that `vireo run` starts for stages. Without a job file, it runs the jobs that it reads
/// from standard input.
struct WorkerCommand: AsyncParsableCommand {
    static let name = "worker"

    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Runs stages for `vireo run`.", shouldDisplay: false)

    @Option(
        help: "The directory of unpacked artifacts, mounted read-only if the worker runs as root.")
    var readOnly: String?

    @Option(
        help:
            "The file with the tasks of an array: the program runs one element on a node of a cluster."
    )
    var tasks: String?

    @Option(help: "The index of the element of `--tasks`.")
    var index: Int = 0

    @Argument(help: "The job file (default: one job per line of standard input).")
    var job: String?

    /// The arguments of a worker for which `directory` is read-only.
    static func arguments(readOnly directory: String) -> [String] {
        [name, readOnlyOption, directory]
    }

    private static let readOnlyOption = "--read-only"

    /// If the worker runs as root, for whom file permissions have no effect, mounts the directory of `--read-only`
    /// read-only. Where mounting is not permitted, changes are detected after the stage.
    static func protectInputs(_ arguments: [String]) {
        guard arguments.count > 3, arguments[1] == name, arguments[2] == readOnlyOption,
            geteuid() == 0
        else { return }
        _ = make_read_only_here(arguments[3])
    }

    func run() async throws {
        if let tasks { throw ExitCode(try await Self.run(tasks, index)) }
        let worker = Worker(stages: StageRegistry.stages)
        if let job { throw ExitCode(await worker.run(jobFile: job)) }
        throw ExitCode(await worker.serve())
    }

    /// Runs an element of an array of tasks. The signals that stop a run stop it.
    private static func run(_ list: String, _ index: Int) async throws -> Int32 {
        StageProcesses.adopt()
        StageProcesses.closeToOthers()
        let program = try Machine.executable()
        let runner = TaskRunner(
            environment: ProcessInfo.processInfo.environment,
            host: ProcessInfo.processInfo.hostName, adoptsOrphans: true
        ) { inputs in [program] + arguments(readOnly: inputs) }
        let work = Task { try await runner.run(list: list, index: index) }
        // Slurm repeats its signals, and kills a job that does not end.
        return try await Interruption.result(of: work, isPatient: true) { _ in }
    }
}
