import ArgumentParser
import Execution
import Stages

/// `vireo worker`: what `vireo run` starts for each stage.
struct RunWorker: AsyncParsableCommand {
    static let name = "worker"

    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Runs one stage for another vireo.", shouldDisplay: false)

    @Argument(help: "The job file.")
    var job: String

    func run() async throws {
        throw ExitCode(await Worker.run(jobFile: job, stages: StageRegistry.stages))
    }
}
