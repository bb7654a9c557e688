import Processes

/// The report of a worker that serves many jobs on one of them: the exit status that a separate worker would have had,
/// its error message, and its resource usage.
package struct JobEnd: Codable, Hashable, Sendable {
    /// The token of the job. A message with another token was not written by the worker.
    package var token: String
    package var status: Int32
    package var cpuSeconds: Double
    /// The peak resident size in bytes.
    package var peakMemory: Int
    /// The error message of the stage, if it failed.
    package var error: String?

    package init(
        token: String, status: Int32, cpuSeconds: Double, peakMemory: Int, error: String?
    ) {
        self.token = token
        self.status = status
        self.cpuSeconds = cpuSeconds
        self.peakMemory = peakMemory
        self.error = error
    }

    /// The status of a process that ran only this job.
    var exitStatus: ExitStatus {
        ExitStatus(outcome: .exited(status), cpuSeconds: cpuSeconds, peakMemory: peakMemory)
    }

    /// The last message of a process that ran only this job.
    var message: WorkerMessage? { .last(status: status, error: error) }
}
