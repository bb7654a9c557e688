import Pipeline
import Spawn

/// Why an attempt failed of which the stage itself said nothing.
enum AttemptError: Error, Hashable, CustomStringConvertible {
    case time(Duration)
    case memory(used: Int, limit: Int, isRunWide: Bool)
    case worker(ExitStatus, SuddenEnd)

    var description: String {
        switch self {
        case .time(let limit):
            "the stage took longer than its timeout of \(Resources.text(limit)): raise `timeout`"
        case .memory(let used, let limit, let isRunWide):
            "the stage used \(Resources.text(bytes: used)) of its \(Resources.text(bytes: limit)) "
                + "of memory: raise \(isRunWide ? "--memory-limit" : "`resources.memory`")"
        case .worker(let status, let reason): "the worker process \(status.text)\(reason.text)"
        }
    }
}
