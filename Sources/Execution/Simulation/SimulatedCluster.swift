import Foundation
import Synchronization

/// A batch system with virtual time, for tests and benchmarks of the queue: no process runs, but the files of the shared
/// directory are real. It answers late, loses answers, gives ids twice, and starts tasks again, as real ones do, by
/// chance and repeatably. A class, because its queue changes with time.
package final class SimulatedCluster: BatchSystem {
    /// What goes wrong, as probabilities.
    package struct Faults: Hashable, Sendable {
        /// A start ends without a result, in the state `failureState`.
        package var failure = 0.0
        package var failureState = "NODE_FAIL"

        /// A start is stopped, and its task started again later.
        package var preemption = 0.0

        /// A start goes on without the system, which starts another.
        package var splitBrain = 0.0

        /// Further copies of a task never end.
        package var copiesHang = false

        /// A submission is accepted without an answer.
        package var lostAnswer = 0.0

        /// A submission is not accepted, without an answer.
        package var lostSubmission = 0.0

        /// A submission is refused.
        package var refusal = 0.0

        /// A question about the queue is not answered.
        package var outage = 0.0

        /// The number of tasks of an element for which the time of a job suffices.
        package var tasks = Int.max

        package init() {}
    }

    /// The end of a start, which writes the files that a node would write. It returns false if it failed.
    package typealias Work = @Sendable (_ task: String, _ place: TaskPlace) throws -> Void

    private struct Running {
        let task: Waiting
        let end: Double
        let succeeds: Bool
    }

    private struct Waiting {
        let job: String
        let name: String
        let index: Int
        let files: [String]
        var restarts = 0
    }

    private struct State {
        var time = 0.0
        var waiting: [Waiting] = []
        var firstWaiting = 0

        /// Sorted by the time of their ends, the latest first.
        var running: [Running] = []
        var ended: [(task: Waiting, state: String, time: Double)] = []
        var nextJob = 1
        var submissions = 0
        var questions = 0
        var starts: [String: Int] = [:]
        var error: (any Error)?
    }

    private let nodes: Int
    private let seconds: ClosedRange<Double>
    private let faults: Faults
    private let work: Work

    /// Uniform numbers from 0 to 1.
    private let random: @Sendable () -> Double
    private let state: Mutex<State>

    /// How long ended tasks stay in the answers, in seconds.
    private static let memory = 300.0

    package init(
        nodes: Int, seconds: ClosedRange<Double>, faults: Faults = Faults(),
        random: @escaping @Sendable () -> Double, work: @escaping Work
    ) {
        self.nodes = nodes
        self.seconds = seconds
        self.faults = faults
        self.work = work
        self.random = random
        state = Mutex(State())
    }

    /// The clock of the cluster: sleeping lets time pass.
    package var clock: TaskClock {
        TaskClock(
            now: { self.state.withLock { $0.time } },
            sleep: { seconds in
                self.advance(by: seconds)
                // The attempts that have ended go on in between.
                usleep(100)
                await Task.yield()
            })
    }

    /// The number of accepted submissions, and of starts that were not stopped by the system, by the file of the task.
    package var counts: (submissions: Int, questions: Int, starts: [String: Int]) {
        state.withLock { ($0.submissions, $0.questions, $0.starts) }
    }

    package func test(_ needs: TaskNeeds, count: Int) async -> SubmissionVerdict {
        happens(faults.refusal) ? .refused("invalid partition") : .accepted
    }

    package func submit(_ submission: Submission) async -> SubmissionAnswer {
        state.withLock { state in
            if happens(faults.lostSubmission) { return .unknown("no answer") }
            if happens(faults.refusal) { return .refused("invalid partition") }
            guard let text = try? String(contentsOfFile: submission.list, encoding: .utf8) else {
                return .refused("there is no \(submission.list)")
            }
            state.submissions += 1
            let job = String(state.nextJob)
            state.nextJob += 1
            for (index, line) in text.split(separator: "\n").enumerated() {
                state.waiting.append(
                    Waiting(
                        job: job, name: submission.name, index: index,
                        files: line.split(separator: "\t").map(String.init)))
            }
            start(&state)
            return happens(faults.lostAnswer) ? .unknown("no answer") : .submitted(job)
        }
    }

    package func tasks(named prefix: String) async -> [QueuedTask]? {
        state.withLock { state in
            state.questions += 1
            if happens(faults.outage) { return nil }
            func task(_ task: Waiting, _ word: String, _ phase: QueuedTask.Phase) -> QueuedTask {
                QueuedTask(
                    id: .init(job: task.job, index: task.index), name: task.name, state: word,
                    phase: phase)
            }
            let memory = state.time - Self.memory
            state.ended.removeAll { $0.time < memory }
            return state.waiting[state.firstWaiting...].map { task($0, "PENDING", .waiting) }
                + state.running.map { task($0.task, "RUNNING", .running) }
                + state.ended.map { task($0.task, $0.state, .ended) }
        }
    }

    package func canPass(_ variable: String) -> Bool { true }

    package func endedTasks(of name: String) async -> [QueuedTask] { [] }

    package func cancel(_ tasks: [QueuedTask.ID]) async -> Bool {
        state.withLock { state in
            func isCancelled(_ task: Waiting) -> Bool {
                tasks.contains { $0.job == task.job && $0.index == task.index }
            }
            let rest = state.waiting[state.firstWaiting...].filter { !isCancelled($0) }
            state.waiting = rest
            state.firstWaiting = 0
            for running in state.running where isCancelled(running.task) {
                state.ended.append((running.task, "CANCELLED", state.time))
            }
            state.running.removeAll { isCancelled($0.task) }
            start(&state)
            return true
        }
    }

    private func happens(_ probability: Double) -> Bool {
        probability > 0 && random() < probability
    }

    private func advance(by seconds: Double) {
        state.withLock { state in
            let target = state.time + seconds
            while let next = state.running.last, next.end <= target {
                state.running.removeLast()
                state.time = next.end
                finish(next, &state)
                start(&state)
            }
            state.time = target
        }
    }

    private func finish(_ running: Running, _ state: inout State) {
        let task = running.task
        if !running.succeeds {
            var again = task
            again.restarts += 1
            // A failure of a node ends the task; a preempted task is started again.
            if happens(faults.failure / max(faults.failure + faults.preemption, .ulpOfOne)) {
                state.ended.append((task, faults.failureState, state.time))
            } else {
                state.waiting.append(again)
            }
            return
        }
        if happens(faults.splitBrain) {
            // The system takes the node for dead, and starts the task elsewhere; the first copy goes on to its end.
            var again = task
            again.restarts += 1
            state.waiting.append(again)
        } else {
            state.ended.append((task, "COMPLETED", state.time))
        }
        for file in task.files.prefix(faults.tasks) {
            state.starts[file, default: 0] += 1
            do {
                try work(
                    file,
                    TaskPlace(
                        host: "n\(state.starts.count % nodes)", job: "\(task.job)_\(task.index)",
                        restarts: task.restarts))
            } catch {
                state.error = error
            }
        }
    }

    private func start(_ state: inout State) {
        while state.running.count < nodes, state.firstWaiting < state.waiting.count {
            let task = state.waiting[state.firstWaiting]
            state.firstWaiting += 1
            if state.firstWaiting > 10_000 {
                state.waiting.removeFirst(state.firstWaiting)
                state.firstWaiting = 0
            }
            let length = seconds.lowerBound + random() * (seconds.upperBound - seconds.lowerBound)
            let succeeds = !happens(faults.failure + faults.preemption)
            let hangs = faults.copiesHang && task.restarts > 0
            let end =
                hangs ? .infinity : state.time + (succeeds ? length : length * random())
            var (low, high) = (0, state.running.count)
            while low < high {
                let middle = (low + high) / 2
                if state.running[middle].end > end { low = middle + 1 } else { high = middle }
            }
            state.running.insert(Running(task: task, end: end, succeeds: succeeds), at: low)
        }
    }
}
