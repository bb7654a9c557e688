import Pipeline

/// A task that the batch system does not run to its end.
enum QueueError: LastingError, Hashable, CustomStringConvertible {
    case refused(String)
    case memory(job: String, limit: Int?)
    case time(job: String, limit: Int?)
    case cancelled(job: String)
    case lost(job: String, state: String, times: Int, output: TaskOutput)
    case gone(output: String, directory: String)
    case variable(String)

    var isLasting: Bool {
        if case .variable = self { true } else { false }
    }

    /// The error that the state of an ended task means; `nil` if the task should be submitted again. `seconds` is how
    /// long it ran if it was stopped. `canGoOn` tells that its next start gets further, and so may reach its end.
    init?(
        state: String, job: String, needs: TaskNeeds, seconds: Double?, canGoOn: Bool
    ) {
        // Slurm stops a task up to a minute before its time, and calls its end a failure.
        if let seconds, let limit = needs.seconds, seconds >= Double(limit) - 90, !canGoOn,
            state != "CANCELLED"
        {
            self = .time(job: job, limit: limit)
            return
        }
        switch state {
        case "OUT_OF_MEMORY": self = .memory(job: job, limit: needs.memory)
        case "TIMEOUT", "DEADLINE":
            // The next start goes on from the checkpoint.
            if canGoOn { return nil }
            self = .time(job: job, limit: needs.seconds)
        case "CANCELLED", "REVOKED": self = .cancelled(job: job)
        default: return nil
        }
    }

    var description: String {
        switch self {
        case .refused(let reason): "the batch system refused the job: \(reason)"
        case .memory(let job, let limit):
            "the task \(job) exceeded its memory"
                + (limit.map { " of \(Resources.text(bytes: $0))" } ?? "")
                + ": raise `resources.memory`"
        case .time(let job, let limit):
            "the task \(job) reached its time limit"
                + (limit.map { " of \(Resources.text(.seconds($0)))" } ?? "")
                + " before its first checkpoint: raise `resources.time`"
        case .cancelled(let job): "the task \(job) was cancelled outside of Vireo"
        case .lost(let job, let state, let times, let output):
            "the task \(job) ended \(times) times without a result"
                + (state.isEmpty ? "" : "; its last state was \(state)") + output.explanation
        case .gone(let output, let directory):
            "the output `\(output)` in \(directory) is gone although the task published it: the next attempt runs it "
                + "again"
        case .variable(let name):
            "the batch system cannot pass the environment variable `\(name)` to a job: `environment` and `secrets` take "
                + "names of letters, digits and `_`, but not ALL, NONE or NIL, and none that starts with SBATCH_, "
                + "SCANCEL_, SQUEUE_ or SACCT_"
        }
    }
}
