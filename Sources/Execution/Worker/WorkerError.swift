/// What keeps a worker from its stage.
package enum WorkerError: Error, Hashable, CustomStringConvertible {
    case unknownKind(String)
    case file(path: String, reason: String)
    case job(String)
    case mounted(String)
    /// The process that the lock file names, as its own system counts.
    case held(path: String, holder: Int32?)

    package var description: String {
        switch self {
        case .unknownKind(let kind): "this program has no stage kind '\(kind)'"
        case .file(let path, let reason): "cannot use \(path): \(reason)"
        case .held(let path, let holder):
            "\(path) is locked by "
                + (holder.map { "process \($0)" } ?? "an unknown process")
                + ", which is not of this machine or does not end: wait until it has ended, or end it there"
        case .mounted(let path):
            "the stage left a file system mounted on \(path), whose files would be missing: unmount it before the stage ends"
        case .job(let reason): "the worker was given no job: \(reason)"
        }
    }
}
