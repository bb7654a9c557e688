import Foundation
import Glibc
import Processes
import Store

/// A lock that a worker holds while it uses its work directory, so that no two attempts share it. The lock file names
/// its holder. A later worker that finds the lock held kills the holder, whose coordinator has lost the lease. The
/// system releases the lock when the process ends.
package struct WorkLock {
    private let file: Int32

    /// How long to wait for a holder that was killed, or that this process cannot kill.
    package static let patience = Duration.seconds(30)

    /// Takes the lock. When it returns, the previous holder and all processes that its attempt left running have ended.
    /// Throws if the holder does not end, for example because it is in another container or on another machine.
    package init(directory: String, holder: LockOwner, patience: Duration = patience) throws {
        let path = directory + "/lock"
        func failure() -> WorkerError {
            WorkerError.file(path: path, reason: String(cString: strerror(errno)))
        }
        file = try StoreFile.open(path, O_RDWR | O_CREAT)
        do {
            let deadline = ContinuousClock.now + patience
            var rounds = 0
            while flock(file, LOCK_EX | LOCK_NB) != 0 {
                if errno == EINTR { continue }
                guard errno == EWOULDBLOCK else { throw failure() }
                // The holder may not have written its name yet, or may need a moment to end.
                if rounds % 25 == 0 { Self.holder(of: file)?.end(of: file) }
                guard ContinuousClock.now < deadline else {
                    throw WorkerError.held(path: path, holder: Self.holder(of: file)?.pid)
                }
                rounds += 1
                usleep(20_000)
            }
            // A holder that ended normally has removed its name.
            Self.holder(of: file)?.end(of: file)
            let text = Array(holder.text.utf8)
            guard ftruncate(file, 0) == 0, pwrite(file, text, text.count, 0) == text.count else {
                throw failure()
            }
        } catch {
            close(file)
            throw error
        }
    }

    package func release() {
        ftruncate(file, 0)
        close(file)
    }

    private static func holder(of file: Int32) -> LockOwner? {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = pread(file, &bytes, bytes.count, 0)
        return count > 0 ? LockOwner(text: String(decoding: bytes[..<count], as: UTF8.self)) : nil
    }
}
