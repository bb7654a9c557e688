import Foundation

/// The lock that a process holds during every write transaction and every checkpoint. SQLite has its own write lock,
/// but before 3.51.3 a checkpoint next to a write that restarts the log could damage the database (sqlite.org/wal.html,
/// "the WAL-reset bug"). The system releases the lock when its holder dies.
final class WriteLock: Sendable {
    private let path: String
    private let wait: LockWait
    private let descriptor: Int32

    init(_ layout: StoreLayout, wait: LockWait) throws(StoreError) {
        path = layout.lock
        self.wait = wait
        descriptor = try StoreFile.open(path, O_RDWR | O_CREAT)
    }

    deinit { close(descriptor) }

    /// Runs `body` while no other process writes. It must not be nested, and is for one thread at a time.
    func hold<Result>(_ body: () throws -> Result) throws -> Result {
        try take()
        // Closing would not be enough, because a child that is being started shares the open file for a moment.
        defer { flock(descriptor, LOCK_UN) }
        return try body()
    }

    /// Polls instead of waiting in the kernel, so that a suspended holder can be reported.
    private func take() throws(StoreError) {
        var course = LockWait.Course()
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw .file(operation: "lock", path: path, code: errno)
            }
            guard course.pause(wait, for: path, holder: holder) else {
                throw .inUse(path: path, holder: holder())
            }
        }
    }

    private func holder() -> LockHolder? { LockHolder(of: "FLOCK", on: path) }
}
