import Files
import Foundation
import Pipeline
import Store

/// Files of an attempt that may contain secrets. The work directory is marked as long as it may contain such files, so
/// that the next run can find and remove them if all processes of this one are killed.
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

    /// Removes the mark after the attempt has exited normally and left no such files.
    static func end(_ work: String) { unlink(mark(work)) }

    /// Files that are kept for a stage with secrets, because secret values were masked when the files were written.
    private static func isKept(_ name: String) -> Bool {
        StoreLayout.isLog(name) || ["lock", "metrics.jsonl"].contains(name)
    }

    /// Removes all files of attempts.
    static func remove(_ work: String) throws {
        for name in try DirectoryTree.names(in: work)
        where !isKept(name) && name != "secrets" {
            try DirectoryTree.remove(work + "/" + name)
        }
        end(work)
    }

    /// Removes the files of all attempts with a mark that no process works on.
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
