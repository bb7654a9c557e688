import ArgumentParser
import CSystem
import Execution
import Glibc
import Stages

/// `vireo worker`: what `vireo run` starts for each stage, or, without a job, for one command after another.
struct WorkerCommand: AsyncParsableCommand {
    static let name = "worker"

    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Runs stages for another vireo.", shouldDisplay: false)

    @Option(
        help: "The directory of unpacked artifacts, which root's stages must not change either.")
    var readOnly: String?

    @Argument(help: "The job file; without one, jobs are lines of standard input.")
    var job: String?

    /// The arguments of a worker that protects `directory`.
    static func arguments(readOnly directory: String) -> [String] {
        [name, readOnlyOption, directory]
    }

    private static let readOnlyOption = "--read-only"

    /// Mounts the directory that a worker's arguments name read-only. Permissions do not hold root back; for
    /// others they do. Where root may not mount, changes are found after the stage.
    static func protectInputs(_ arguments: [String]) {
        guard arguments.count > 3, arguments[1] == name, arguments[2] == readOnlyOption,
            geteuid() == 0
        else { return }
        _ = make_read_only_here(arguments[3])
    }

    func run() async throws {
        let worker = Worker(stages: StageRegistry.stages)
        if let job { throw ExitCode(await worker.run(jobFile: job)) }
        throw ExitCode(await worker.serve())
    }
}
