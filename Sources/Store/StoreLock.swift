import Foundation
import Synchronization

/// The right to write to a store, held from creation to `release`. The system gives it up when the
/// process dies, so no lock outlives its holder.
final class StoreLock: Sendable {
    private let descriptor: Int32
    private let isHeld = Atomic(true)

    /// Takes the lock, or fails at once with the holder's process number.
    init(_ layout: StoreLayout) throws(StoreError) {
        let path = layout.lock
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .file(operation: "open", path: path, code: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            defer { close(descriptor) }
            guard code == EWOULDBLOCK else {
                throw .file(operation: "lock", path: path, code: code)
            }
            throw .inUse(directory: layout.directory, process: Self.holder(descriptor))
        }
        let text = "\(getpid())\n"
        guard ftruncate(descriptor, 0) == 0,
            write(descriptor, text, text.utf8.count) == text.utf8.count
        else {
            let code = errno
            close(descriptor)
            throw .file(operation: "write", path: path, code: code)
        }
        self.descriptor = descriptor
    }

    deinit { release() }

    /// Gives the lock up. Closing alone would leave it to a child that another thread is starting just now
    /// and that shares the open file until it runs its program.
    func release() {
        guard isHeld.exchange(false, ordering: .acquiringAndReleasing) else { return }
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func holder(_ descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        return Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
