import Foundation
import Pipeline
import Processes

/// The memory and time limits of an attempt.
struct AttemptLimits: Hashable, Sendable {
    /// The limit for the worker and all its descendants together, in bytes.
    var memory: Int?
    /// Whether the memory limit is that of the run, because the stage declares none.
    var isRunWide = false
    var time: Duration?

    /// The time between SIGTERM and SIGKILL for a worker, in seconds.
    static let grace: TimeInterval = 10

    var isEmpty: Bool { memory == nil && time == nil }

    /// Monitors the worker until the task is cancelled or a limit is exceeded. In the latter case, stops the worker and
    /// returns the error.
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
