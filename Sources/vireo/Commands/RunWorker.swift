import ArgumentParser
import Execution
import Stages

/// `vireo worker`: what `vireo run` starts for each stage, or, without a job, for one command after another.
struct RunWorker: AsyncParsableCommand {
    static let name = "worker"

    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Runs stages for another vireo.", shouldDisplay: false)

    @Argument(help: "The job file; without one, jobs are lines of standard input.")
    var job: String?

    func run() async throws {
        let worker = Worker(stages: StageRegistry.stages)
        if let job { throw ExitCode(await worker.run(jobFile: job)) }
        throw ExitCode(await worker.serve())
    }
}
