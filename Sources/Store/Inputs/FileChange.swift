import Pipeline

/// A named file of a stage changed after it was read for the plan, so that the result of the stage would be stored
/// under the cache key of other contents.
package enum FileChange: LastingError, Hashable, CustomStringConvertible {
    case beforeStart(String)
    case changed(String)
    case appeared(String)
    case gone(String)
    /// A name in a directory appeared and disappeared.
    case visited(String)
    case unreadable(String, reason: String)

    package var description: String {
        switch self {
        case .beforeStart(let path):
            "`\(path)` changed between the start of the run and the start of the stage: run again"
        case .changed(let path):
            "`\(path)`, which the stage names, changed while the stage ran: its result was "
                + "discarded; run again"
                + Self.remedy
        case .appeared(let path):
            "`\(path)` appeared among the files that the stage names while the stage ran: its "
                + "result was discarded; run again"
                + Self.remedy
        case .gone(let path):
            "`\(path)`, which the stage names, was removed while the stage ran: its result was "
                + "discarded; run again"
        case .visited(let path):
            "files were created and removed in the directory `\(path)`, which the stage names, "
                + "while the stage ran: its result was discarded; run again, and keep temporary "
                + "files out of the directory"
        case .unreadable(let path, let reason):
            "`\(path)`, which the stage names, can no longer be read: \(reason)"
        }
    }

    /// The plan contains the old digest, so a retry in the same run would fail again.
    package var isLasting: Bool {
        if case .beforeStart = self { true } else { false }
    }

    private static let remedy = "; if the stage itself changes the file, exclude it with `ignore`"

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
