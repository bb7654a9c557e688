import Foundation
import Pipeline
import Processes
import Store

/// Receives what a worker writes.
protocol EventSink: Sendable {
    /// Receives lines; the buffer is empty if none arrived for a while. Returns whether to continue.
    func receive(_ lines: UnsafeRawBufferPointer) -> Bool
}

/// The run of a job by a worker process of this machine, within its limits.
struct WorkerRun: Sendable {
    let workers: WorkerPool
    let limits: AttemptLimits

    /// The time between SIGTERM and SIGKILL for a worker whose run is stopped, in seconds.
    var grace = AttemptLimits.grace

    /// Whether a batch system may send SIGTERM to the worker and its programs itself.
    var isInBatchSystem = false

    struct End: Sendable {
        let status: ExitStatus

        /// The final message of a worker that serves several jobs. That of any other is among its lines.
        let message: WorkerMessage?
        let isServing: Bool

        /// The limit that the job exceeded.
        let excess: AttemptError?

        /// Whether the worker was killed, so that its last lines may be missing.
        let wasKilled: Bool
        private let kills: Int?

        init(
            _ status: ExitStatus, _ message: WorkerMessage?, _ worker: StageWorker,
            excess: AttemptError?
        ) {
            self.status = status
            self.message = message
            self.excess = excess
            isServing = worker.isServing
            kills = worker.kills
            wasKilled = if case .killed = status.outcome { true } else { false }
        }

        var usage: Usage { Usage(cpuSeconds: status.cpuSeconds, peakMemory: status.peakMemory) }

        /// The error of a job that failed: that of its limit, the one that the worker reported, or the reason why the
        /// worker terminated unexpectedly.
        func error(_ message: WorkerMessage?) -> String {
            if let excess { return excess.description }
            if case .failed(let text)? = message { return text }
            let reason = TerminationCause(
                of: status, kills: (kills, MachineMemory.kills()), memory: MachineMemory.total())
            return AttemptError.worker(status, reason).description
        }
    }

    /// Runs the job to its end. When the task is cancelled, the worker is asked to save a checkpoint and stop.
    func run(
        _ job: Job, directory: String, log: String, sink: any EventSink
    ) async throws -> End {
        let worker = try workers.start(job, directory: directory, log: log, recorder: sink)
        // Separate tasks, because cancelling this one must not lose the final messages of the worker.
        let following = Task { await follow(worker) }
        let (limits, grace, isInBatchSystem) = (limits, grace, isInBatchSystem)
        let watching = limits.isEmpty ? nil : Task { await limits.watch(worker) }
        let (status, message) = await withTaskCancellationHandler {
            await following.value
        } onCancel: {
            if isInBatchSystem {
                worker.child.ask(Worker.stopRequest, killAfter: grace)
            } else {
                worker.child.terminate(killAfter: grace)
            }
        }
        watching?.cancel()
        let end = End(status, message, worker, excess: await watching?.value)
        if end.wasKilled { workers.endLeftovers(of: worker) }
        if worker.isServing, case .exited = status.outcome, end.excess == nil, !Task.isCancelled {
            workers.giveBack(worker)
        }
        return end
    }

    /// Waits until the job of the worker has ended. Returns the final message of a worker that serves several jobs.
    private func follow(_ worker: StageWorker) async -> (ExitStatus, WorkerMessage?) {
        for await event in worker.child.events {
            switch event {
            case .ended(let status): return (status, nil)
            case .line(let line):
                // Any program that can access the output of the worker may write to it, so the token is checked.
                guard case .ended(let end)? = WorkerMessage(line: line), end.token == worker.token
                else { continue }
                return (end.exitStatus, end.message)
            }
        }
        preconditionFailure("a child's events end with its end")
    }
}
