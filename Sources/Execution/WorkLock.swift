import Glibc

/// Held by a worker for as long as it touches its work directory, so that a worker that outlived its
/// coordinator never shares the directory with the next attempt. The system releases it with the process.
struct WorkLock {
    private let file: Int32

    /// Waits for the lock.
    init(directory: String) throws {
        let path = directory + "/lock"
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw WorkerError.file(path: path, reason: String(cString: strerror(errno)))
        }
        while flock(file, LOCK_EX) != 0 {
            guard errno == EINTR else {
                throw WorkerError.file(path: path, reason: String(cString: strerror(errno)))
            }
        }
    }

    func release() { close(file) }
}
