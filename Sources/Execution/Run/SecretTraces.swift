import Files
import Foundation
import Pipeline
import Store

/// What an attempt leaves that may hold what is to be kept nowhere. Its work directory has a mark for as long as
/// that may be, so that, if all its processes are killed, the next run finds and removes it.
enum SecretTraces {
    private static func mark(_ work: String) -> String { work + "/secrets" }

    static func begin(_ work: String, attempt: String) throws {
        let path = mark(work)
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0, chmod(attempt, 0o700) == 0 else {
            throw WorkerError.file(path: path, reason: String(cString: strerror(errno)))
        }
        close(file)
    }

    /// The attempt ended by itself, and left nothing.
    static func end(_ work: String) { unlink(mark(work)) }

    /// What is beside the attempts of a stage with secrets: values in it were hidden when it was written.
    private static let kept: Set = ["lock", "log.txt", "metrics.jsonl"]

    /// Removes what attempts left, wherever they put it.
    static func remove(_ work: String) throws {
        for name in try DirectoryTree.names(in: work)
        where !kept.contains(name) && name != "secrets" {
            try DirectoryTree.remove(work + "/" + name)
        }
        end(work)
    }

    /// Removes what attempts left that nobody works on any more.
    static func removeAll(in store: Store) throws {
        guard access(store.layout.work, F_OK) == 0 else { return }
        for name in try DirectoryTree.names(in: store.layout.work) {
            let work = store.layout.work + "/" + name
            guard access(mark(work), F_OK) == 0, let key = Digest(hex: name),
                try !store.isRunning(key)
            else { continue }
            try remove(work)
        }
    }
}
