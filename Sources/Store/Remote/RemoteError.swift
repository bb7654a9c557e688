import Files
import Glibc
import Pipeline

/// The reason why a shared cache cannot be used at all.
package enum RemoteError: Error, Hashable, CustomStringConvertible {
    /// There is no program `rclone`.
    case noProgram
    /// rclone could not be started.
    case start(reason: String)
    /// rclone did not end in time.
    case silent(seconds: Int)
    /// rclone reported an error.
    case rclone(problem: String)
    /// The directory of the cache does not exist.
    case noDirectory(path: String)
    /// A system call failed.
    case file(operation: String, path: String, code: Int32)
    /// This process was told to stop.
    case stopped

    package var description: String {
        switch self {
        case .noProgram:
            "the program rclone was not found: install it, or name it in VIREO_RCLONE"
        case .start(let reason): "rclone cannot be started: \(reason)"
        case .silent(let seconds): "rclone did not finish within \(seconds) s"
        case .rclone(let problem): "rclone says: \(problem)"
        case .noDirectory(let path): "there is no directory \(path): create or mount it"
        case .file(let operation, let path, let code):
            "cannot \(operation) \(path): \(String(cString: strerror(code)))"
        case .stopped: "the command was interrupted"
        }
    }
}

/// A warning about a shared cache. None fails a run: the result counts as missing.
package enum RemoteWarning: Hashable, Sendable, CustomStringConvertible {
    /// The cache cannot be used.
    case unusable(remote: String, RemoteError)
    /// A file of the cache is damaged or invalid.
    case damaged(remote: String, file: String, problem: String)
    /// An object that a manifest names does not exist.
    case incomplete(remote: String, key: Digest, object: String)
    /// The cache has other outputs for a cache key than this store.
    case different(remote: String, key: Digest, kind: String, output: String)
    /// The result could not be added to this store.
    case unusedResult(remote: String, key: Digest, problem: String)
    /// A result of this store was not pushed.
    case unpushed(remote: String, key: Digest, problem: String)

    package var description: String {
        switch self {
        case .unusable(let remote, let error):
            "the remote \(remote) cannot be used and is not asked again: \(error)"
        case .damaged(let remote, let file, let problem):
            "the remote \(remote) has a damaged file, which is not used: \(file): \(problem): remove it from the"
                + " remote and push its result again"
        case .incomplete(let remote, let key, let object):
            "the remote \(remote) lacks \(object), so the result for the key \(key.short) is not used: push it again"
        case .different(let remote, let key, let kind, let output):
            "the remote \(remote) has a different output `\(output)` for the key \(key.short) (\(kind)): it stays, and"
                + " the result of this store is not pushed"
        case .unusedResult(let remote, let key, let problem):
            "the result for the key \(key.short) from the remote \(remote) is not used: \(problem)"
        case .unpushed(let remote, let key, let problem):
            "the result for the key \(key.short) was not pushed to the remote \(remote): \(problem)"
        }
    }
}

/// What is wrong with a file of a shared cache.
struct RemoteDamage: Error, Hashable {
    let file: String
    let problem: String
}
