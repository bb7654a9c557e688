import Foundation
import Synchronization

/// How a process waits for a lock that another one holds: it asks again until it has it. After a while it
/// says whom it waits for, and after much longer it gives up.
package struct LockWait: Sendable {
    /// Before it is said.
    package var silence: Duration
    /// Before it gives up: work that is finished is worth a long wait.
    package var limit: Duration
    /// Is told what is locked and by whom, once a wait.
    package var notify: @Sendable (_ path: String, _ holder: LockHolder?) -> Void

    package init(
        silence: Duration = .seconds(3), limit: Duration = .seconds(1800),
        notify: @escaping @Sendable (_ path: String, _ holder: LockHolder?) -> Void = { _, _ in }
    ) {
        self.silence = silence
        self.limit = limit
        self.notify = notify
    }

    /// For how long one lock has been asked for.
    struct Course {
        private let start = ContinuousClock.now
        private var pause: UInt32 = 50
        private var isTold = false

        /// Waits a moment longer each time; false once it is time to give up.
        mutating func pause(
            _ wait: LockWait, for path: String, holder: () -> LockHolder?
        ) -> Bool {
            let waited = ContinuousClock.now - start
            guard waited < wait.limit else { return false }
            if waited >= wait.silence, !isTold {
                isTold = true
                wait.notify(path, holder())
            }
            usleep(pause)
            pause = min(pause * 2, 10_000)
            return true
        }
    }
}

/// SQLite's own lock, which other programs take as well. A class, for it stands for one connection's wait.
final class DatabaseWait: Sendable {
    private struct State {
        var course = LockWait.Course()
        var isPatient = true
    }

    private let state = Mutex(State())
    private let wait: LockWait
    private let path: String

    init(_ wait: LockWait, database path: String) {
        self.wait = wait
        self.path = path
    }

    /// Called by SQLite with the number of times that it asked before: whether to ask again.
    func again(_ tries: Int) -> Bool {
        state.withLock { state in
            guard state.isPatient else { return false }
            if tries == 0 { state.course = .init() }
            return state.course.pause(wait, for: path) { LockHolder.ofDatabase(path) }
        }
    }

    /// Runs `body`, in which what is locked is not waited for.
    func withoutPatience<Result>(_ body: () throws -> Result) rethrows -> Result {
        state.withLock { $0.isPatient = false }
        defer { state.withLock { $0.isPatient = true } }
        return try body()
    }
}
