/// What keeps a worker from its stage.
package enum WorkerError: Error, Hashable, CustomStringConvertible {
    case unknownKind(String)
    case file(path: String, reason: String)
    case job(String)

    package var description: String {
        switch self {
        case .unknownKind(let kind): "this program has no stage kind '\(kind)'"
        case .file(let path, let reason): "cannot use \(path): \(reason)"
        case .job(let reason): "the worker was given no job: \(reason)"
        }
    }
}
