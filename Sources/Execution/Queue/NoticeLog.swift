import Synchronization

/// Reports each problem once. A class, because all tasks of a queue share it.
final class NoticeLog: Sendable {
    private let report: @Sendable (RunEvent) -> Void
    private let told = Mutex<Set<String>>([])

    init(_ report: @escaping @Sendable (RunEvent) -> Void) { self.report = report }

    /// Reports a file that is not read. If a file system fails, one of its files stands for all.
    func tell(_ error: SharedFileError) {
        switch error {
        case .unreadable(_, let reason), .unwritable(_, let reason):
            tell("\(error); it is tried again", once: reason)
        default: tell("\(error); it is ignored")
        }
    }

    /// Reports `text`, unless a text with the same `key` was reported.
    func tell(_ text: String, once key: String? = nil) {
        guard told.withLock({ $0.insert(key ?? text).inserted }) else { return }
        report(.noticed(text))
    }
}
