import Foundation
import Synchronization

/// How a process waits for a lock that another one holds: it retries until it gets the lock. After a while it reports
/// the holder, and after much longer it gives up.
package struct LockWait: Sendable {
    /// The time before the holder is reported.
    package var silence: Duration
    /// The time before it gives up, which is long so that finished work is not lost.
    package var limit: Duration
    /// Reports the locked file and the holder, once per wait.
    package var notify: @Sendable (_ path: String, _ holder: LockHolder?) -> Void

    package init(
        silence: Duration = .seconds(3), limit: Duration = .seconds(1800),
        notify: @escaping @Sendable (_ path: String, _ holder: LockHolder?) -> Void = { _, _ in }
    ) {
        self.silence = silence
        self.limit = limit
        self.notify = notify
    }

    /// The state of a wait for a lock.
    struct Course {
        private let start = ContinuousClock.now
        private var pause: UInt32 = 50
        private var isTold = false

        /// Pauses, longer each time. Returns false when it is time to give up.
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

/// Waits for the lock of SQLite, which other programs use too. A class, because it represents the wait of one
/// connection.
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

    /// Called by SQLite with the number of earlier tries. Returns whether to try again.
    func again(_ tries: Int) -> Bool {
        state.withLock { state in
            guard state.isPatient else { return false }
            if tries == 0 { state.course = .init() }
            return state.course.pause(wait, for: path) { LockHolder.ofDatabase(path) }
        }
    }

    /// Runs `body` without waiting for locks.
    func withoutPatience<Result>(_ body: () throws -> Result) rethrows -> Result {
        state.withLock { $0.isPatient = false }
        defer { state.withLock { $0.isPatient = true } }
        return try body()
    }
}
