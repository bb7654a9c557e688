import Pipeline
import Spawn

/// Why an attempt failed of which the stage itself said nothing.
enum AttemptError: Error, Hashable, CustomStringConvertible {
    case time(Duration)
    case memory(used: Int, limit: Int, isRunWide: Bool)
    case worker(ExitStatus, TerminationCause)
    case input(String, change: String)

    var description: String {
        switch self {
        case .time(let limit):
            "the stage took longer than its timeout of \(Resources.text(limit)): raise `timeout`"
        case .memory(let used, let limit, let isRunWide):
            "the stage used \(Resources.text(bytes: used)) of its \(Resources.text(bytes: limit)) "
                + "of memory: raise \(isRunWide ? "--memory-limit" : "`resources.memory`")"
        case .input(let name, let change):
            "its input `\(name)` was written to while the stage ran: \(change); inputs are shared by all stages that"
                + " read them: copy what is to be edited, and edit the copy"
        case .worker(let status, let reason): "the worker process \(status.text)\(reason.text)"
        }
    }
}
