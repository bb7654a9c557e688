import Synchronization

/// The directories below which archives lie and whose names this process knows to be on the disk. That one
/// is there says nothing: a process that died may have made it and not brought its name to the disk. A
/// class, for all publications of an open store share it.
final class SyncedDirectories: Sendable {
    private let paths = Mutex<Set<String>>([])

    func contains(_ path: String) -> Bool { paths.withLock { $0.contains(path) } }

    func insert(_ path: String) { _ = paths.withLock { $0.insert(path) } }
}
