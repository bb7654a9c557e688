import Foundation
import Synchronization

/// Held around every write transaction and every checkpoint, by whichever process makes it. SQLite has
/// its own lock for writers, but before 3.51.3 a checkpoint beside a write that starts the log anew could
/// damage the database (sqlite.org/wal.html, "the WAL-reset bug"). The system gives the lock up when its
/// holder dies.
final class WriteLock: Sendable {
    private let layout: StoreLayout
    private let descriptor: Int32

    /// How long another process may hold it, in seconds, before we give up.
    private static let patience = 120.0

    init(_ layout: StoreLayout) throws(StoreError) {
        self.layout = layout
        descriptor = try StoreFile.open(layout.lock, O_RDWR | O_CREAT)
    }

    deinit { close(descriptor) }

    /// Runs `body` while no other process writes. Not to be nested, and for one thread at a time.
    func hold<Result>(_ body: () throws -> Result) throws -> Result {
        try take()
        // Closing would not do: a child that is being started shares the open file for a moment.
        defer { flock(descriptor, LOCK_UN) }
        return try body()
    }

    /// Asks again and again rather than waiting in the kernel, so that a holder that was stopped is named.
    private func take() throws(StoreError) {
        var pause: UInt32 = 50
        var waited = 0.0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw .file(operation: "lock", path: layout.lock, code: errno)
            }
            guard waited < Self.patience else {
                throw .inUse(directory: layout.directory, process: holder())
            }
            usleep(pause)
            waited += Double(pause) * 1e-6
            pause = min(pause * 2, 10_000)
        }
    }

    /// The process that `/proc/locks` says has the file locked.
    private func holder() -> Int32? {
        var status = stat()
        guard fstat(descriptor, &status) == 0,
            let locks = FileManager.default.contents(atPath: "/proc/locks")
        else { return nil }
        let line = String(decoding: locks, as: UTF8.self).split(separator: "\n").first {
            $0.contains("FLOCK") && $0.contains(":\(status.st_ino) ") && !$0.contains("->")
        }
        let fields = line?.split(separator: " ") ?? []
        return fields.count > 4 ? Int32(fields[4]) : nil
    }
}
