import Files
import Foundation
import Glibc
import Pipeline
import Store

/// The task of a stage that an earlier run has left in the queue of a batch system, while the stage now runs elsewhere.
struct AbandonedTask {
    let record: SubmissionRecord
    let task: SubmissionRecord.Task

    /// Whether no other task runs in the same element of the array.
    let isAlone: Bool

    /// The task of a stage; `nil` if there is none.
    init?(of key: Digest, in store: Store) throws {
        guard let known = try store.submission(of: key) else { return nil }
        (record, task, isAlone) = (known.submission, known.task, known.isAlone)
    }

    /// Takes back the task, and asks `system` to cancel its job. Returns what the user should know.
    func withdraw(
        _ planned: PlannedStage, from store: Store, system: (any BatchSystem)?
    ) async throws -> String {
        let stage = planned.id
        let directory = "\(record.shared)/tasks/\(task.key.hex)"
        // A job that starts now finds no task.
        unlink("\(directory)/a\(task.attempt).json")
        // The next run must find the task again if this one is killed before its files are removed.
        if !planned.secrets.isEmpty { try removeStarts(in: directory) }
        try store.forgetSubmissions(of: task.key)
        guard let job = record.job else {
            return
                "\(stage): an earlier run may have submitted it: `squeue --name=\(record.name)` shows the job, and "
                + "`scancel` cancels it"
        }
        let name = "\(job)_\(task.place)"
        if isAlone, let system, await system.cancel([.init(job: job, index: task.place)]) {
            return "\(stage): its task \(name), which an earlier run has submitted, is cancelled"
        }
        return
            "\(stage): its task \(name), which an earlier run has submitted, may still be in the queue: "
            + (isAlone ? "`scancel \(name)` cancels it" : "it will end without running the stage")
    }

    /// Removes the files of all starts of a stage with secrets: one whose node has failed may have left secrets there.
    private func removeStarts(in directory: String) throws {
        // A copy that still runs cannot create files there any more.
        let leaving = directory + ".leaving"
        try DirectoryTree.remove(leaving)
        guard rename(directory, leaving) == 0 || errno == ENOENT else {
            throw SharedFileError.unwritable(directory, reason: POSIXError.last.reason)
        }
        try DirectoryTree.remove(leaving)
    }
}
