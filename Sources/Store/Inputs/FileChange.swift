import Pipeline

/// That a file which a stage names is not as the plan had read it, so that the stage's result would stand under
/// the key of another content.
package enum FileChange: LastingError, Hashable, CustomStringConvertible {
    case beforeStart(String)
    case changed(String)
    case appeared(String)
    case gone(String)
    /// A directory.
    case visited(String)
    case unreadable(String, reason: String)

    package var description: String {
        switch self {
        case .beforeStart(let path):
            "`\(path)` changed after the run had read it, before the stage began: run again"
        case .changed(let path):
            "`\(path)`, which the stage names, changed while it ran: its result was not kept; run again"
                + Self.remedy
        case .appeared(let path):
            "`\(path)` appeared among the files that the stage names while it ran: its result was not kept;"
                + " run again" + Self.remedy
        case .gone(let path):
            "`\(path)`, which the stage names, was removed while it ran: its result was not kept; run again"
        case .visited(let path):
            "names came and went in the directory `\(path)`, which the stage names, while it ran: its result was"
                + " not kept; run again, and keep temporary files out of the directory"
        case .unreadable(let path, let reason):
            "`\(path)`, which the stage names, cannot be read any more: \(reason)"
        }
    }

    /// The plan has the old content: another attempt of this run finds the new one again.
    package var isLasting: Bool {
        if case .beforeStart = self { true } else { false }
    }

    private static let remedy = "; if the stage itself changes it, leave it out with `ignore`"

    func mapped(_ transform: (String) -> String) -> FileChange {
        switch self {
        case .beforeStart(let path): .beforeStart(transform(path))
        case .changed(let path): .changed(transform(path))
        case .appeared(let path): .appeared(transform(path))
        case .gone(let path): .gone(transform(path))
        case .visited(let path): .visited(transform(path))
        case .unreadable(let path, let reason): .unreadable(transform(path), reason: reason)
        }
    }
}
