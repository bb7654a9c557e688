import Foundation
import Pipeline
import Processes

/// What an attempt may take at most.
struct AttemptLimits: Hashable, Sendable {
    /// Bytes of the worker and all it started.
    var memory: Int?
    /// Whether the limit is that of the whole run, for the stage has none of its own.
    var isRunWide = false
    var time: Duration?

    /// How long a worker that was asked to end may take.
    static let grace: TimeInterval = 10

    var isEmpty: Bool { memory == nil && time == nil }

    /// Looks on until the task is cancelled, or the worker takes more than it may: then it is told to end,
    /// and what was too much is returned.
    func watch(_ worker: StageWorker) async -> AttemptError? {
        let clock = SuspendingClock()
        let deadline = time.map { clock.now + $0 }
        var pause = Duration.milliseconds(500)
        while true {
            var until = clock.now + (memory == nil ? .seconds(3600) : pause)
            if let deadline { until = min(until, deadline) }
            do {
                try await Task.sleep(until: until, clock: clock)
            } catch {
                return nil
            }
            if let time, let deadline, clock.now >= deadline {
                worker.child.terminate(killAfter: Self.grace)
                return .time(time)
            }
            guard let memory else { continue }
            let used = ProcessTable.memory(of: worker.child.pid, limit: memory)
            if used > memory {
                worker.child.kill()
                return .memory(used: used, limit: memory, isRunWide: isRunWide)
            }
            pause = used > memory / 2 ? .milliseconds(100) : .milliseconds(500)
        }
    }
}
