import Files
import Foundation
import Glibc
import Pipeline
import Processes
import Synchronization

/// A run of an engine: all its processes, to the last one.
struct EngineRun {
    let context: StageContext
    let python: EnginePython
    let rendezvous: Rendezvous
    let watch: TrainerWatch

    /// How the engine ended, which says little about whether the training is finished.
    struct End {
        let status: String
        let lastLine: String
    }

    /// Runs the engine with the arguments of Python. When this returns, no process of it is left on this machine. Throws
    /// `CancellationError` if the stage is cancelled.
    func run(_ arguments: [String], variables: [String: String]) async throws -> End {
        let launcher = rendezvous.launcher(
            python: python.command, cpus: variables["SLURM_CPUS_PER_TASK"])
        let output = CommandOutput(
            secrets: try Secrets([], from: [:]), isInEnvironment: !context.prefix.isEmpty,
            emit: { [emit = context.emit] event in
                // Checkpoints are reported when they are taken over.
                if case .checkpoint = event { return }
                if case .resumed = event { return }
                emit(event)
            })
        let remark = Mutex(EngineRemark())
        let watch = watch
        let context = context
        var launch = ChildProcess.Launch(
            executable: try executable(launcher[0]),
            arguments: launcher.dropFirst() + arguments, environment: python.environment,
            output: .lines, errors: .lines, leadsGroup: false,
            receive: { lines in
                output.print(lines)
                return watch.look()
            })
        launch.receiveErrors = { lines in
            output.complain(lines)
            remark.withLock { remark in
                lines.forEachLine { remark.note(String(decoding: $0, as: UTF8.self)) }
            }
            return watch.look()
        }
        launch.continues = { status in
            // `conda run` ends at once when it is stopped, and leaves a program that may save a checkpoint.
            let isStopped = context.isCancelled() || status.outcome == .killed(signal: SIGTERM)
            return isStopped && !context.prefix.isEmpty && context.hasProcesses()
        }
        let kills = MachineMemory.kills()
        let child = try ChildProcess(launch)
        var end = End(status: "ended", lastLine: "")
        for await event in child.events {
            guard case .ended(let status) = event else { continue }
            context.recordPeakMemory(status.peakMemory)
            // Processes of torchrun have sessions of their own, and outlive it when it is killed.
            if context.hasProcesses() { StageProcesses.endChildren() }
            let cause = TerminationCause(
                of: status, kills: (kills, MachineMemory.kills()), memory: MachineMemory.total())
            let line = remark.withLock { $0.line }
            end = End(
                status: status.text + cause.text, lastLine: line.isEmpty ? output.lastLine : line)
        }
        try watch.finish()
        if context.isCancelled() { throw CancellationError() }
        return end
    }

    private func executable(_ program: String) throws -> String {
        guard !FilePath.hasDirectory(program) else { return program }
        guard let path = ProgramRun.path(of: program, in: python.environment["PATH"] ?? "") else {
            throw SpawnError(executable: program, reason: "not found in PATH")
        }
        return path
    }
}
