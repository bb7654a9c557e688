import Foundation

/// A system with a queue of jobs, such as Slurm. Its answers are hints: whether a stage is finished is known from its
/// result file alone (`TaskResult`), because such systems report finished jobs as failed, failed ones as finished, and
/// give the same job id twice.
package protocol BatchSystem: Sendable {
    /// Asks whether an array of `count` tasks would be accepted, without submitting it.
    func test(_ needs: TaskNeeds, count: Int) async -> SubmissionVerdict

    /// Submits an array of tasks under a name that no other submission has.
    func submit(_ submission: Submission) async -> SubmissionAnswer

    /// The tasks in the queue, and those that left it recently, of all submissions whose names start with `prefix`.
    /// `nil` if the system does not answer.
    func tasks(named prefix: String) async -> [QueuedTask]?

    /// The states of tasks that have left the queue, from the accounting of the system; empty if there is none, or if
    /// it does not answer.
    func endedTasks(of name: String) async -> [QueuedTask]

    /// Whether jobs can get the environment variable with this name, and nothing else by it.
    func canPass(_ variable: String) -> Bool

    /// Asks the system to stop tasks. Whether it does is seen in the queue. Returns whether the system has answered.
    @discardableResult
    func cancel(_ tasks: [QueuedTask.ID]) async -> Bool
}

/// An array of tasks for a batch system.
package struct Submission: Hashable, Sendable {
    /// The name of the job, which no other submission has.
    package var name: String

    /// The file with the directories of the tasks: one line per element of the array, separated by tabs.
    package var list: String

    /// The number of elements of the array.
    package var count: Int
    package var needs: TaskNeeds

    package init(name: String, list: String, count: Int, needs: TaskNeeds) {
        self.name = name
        self.list = list
        self.count = count
        self.needs = needs
    }
}

/// What each element of an array needs. Stages with equal needs share an array.
package struct TaskNeeds: Hashable, Sendable {
    package var cpus = 1
    package var gpus = 0
    package var nodes = 1

    /// In bytes.
    package var memory: Int?
    package var seconds: Int?
    package var pools: [String: Int] = [:]

    /// The environment variables that the programs of the stages get. Slurm takes their values from this process.
    package var variables: [String] = []

    package init() {}
}

/// The answer to a submission.
package enum SubmissionAnswer: Hashable, Sendable {
    /// The id of the job.
    case submitted(String)
    /// The system rejects the submission; a repetition would fail too.
    case refused(String)
    /// The system did not answer, and may have accepted the submission.
    case unknown(String)
}

/// What a batch system says of a submission that is only a test.
package enum SubmissionVerdict: Hashable, Sendable {
    case accepted
    /// The system would reject the submission, for a reason in its words.
    case refused(String)
    /// The system did not answer, or its answer may be another one when the stages run.
    case open(String)
}

/// A task as the batch system reports it.
package struct QueuedTask: Hashable, Sendable {
    /// A job id, and the index in the array.
    package struct ID: Hashable, Sendable {
        package var job: String
        package var index: Int

        package init(job: String, index: Int) {
            self.job = job
            self.index = index
        }
    }

    package enum Phase: Hashable, Sendable {
        case waiting
        case running
        /// It will not start until somebody releases it.
        case held
        /// It has left the queue, for a reason in the words of the system.
        case ended
    }

    package var id: ID
    package var name: String

    /// The word of the system for the state, such as `RUNNING` or `OUT_OF_MEMORY`.
    package var state: String
    package var phase: Phase

    /// The word of the system for why the task waits; empty if it does not say.
    package var reason: String

    package init(id: ID, name: String, state: String, phase: Phase, reason: String = "") {
        self.reason = reason
        self.id = id
        self.name = name
        self.state = state
        self.phase = phase
    }
}
