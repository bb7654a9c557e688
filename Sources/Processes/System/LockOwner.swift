import Foundation
import Glibc

/// The worker that holds a work directory: the unique identity of the process, and the mark of the processes that it
/// starts.
package struct LockOwner: Hashable, Sendable {
    package let pid: Int32
    /// The start time in clock ticks since boot, because process ids are reused.
    package let start: Int
    /// The identifier of the boot.
    package let boot: String
    /// The mark; empty if there is none.
    package let mark: String

    package init(pid: Int32, start: Int, boot: String, mark: String) {
        self.pid = pid
        self.start = start
        self.boot = boot
        self.mark = mark
    }

    /// The identity of this process.
    package static func current(environment: [String: String]) -> LockOwner {
        LockOwner(
            pid: getpid(), start: ProcessTable.record(of: getpid())?.start ?? 0,
            boot: Boot.identifier, mark: environment[StageProcesses.mark] ?? "")
    }

    /// The owner as a line of text.
    package var text: String { "\(pid) \(start) \(boot) \(mark)\n" }

    /// Parses the output of `text`; nil for anything else.
    package init?(text: String) {
        guard text.last == "\n" else { return nil }
        let fields = text.dropLast().split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 4, let pid = Int32(fields[0]), pid > 1, let start = Int(fields[1])
        else { return nil }
        self.init(pid: pid, start: start, boot: String(fields[2]), mark: String(fields[3]))
    }

    /// Kills the worker and all its descendants, if it runs on this machine and holds the lock on `file`; the lock is
    /// checked because anyone may have written the process id. Descendants may outlive the worker, and are found by its
    /// mark.
    package func end(of file: Int32) {
        guard boot == Boot.identifier, pid != getpid() else { return }
        if ProcessTable.record(of: pid)?.start == start, FileLocks.holds(pid, file) {
            kill(pid, SIGSTOP)
            // Descendants are killed first, because they could not be found after their parent has ended.
            StageProcesses.endDescendants(of: pid)
            if getpgid(pid) == pid { kill(-pid, SIGKILL) }
            kill(pid, SIGKILL)
        }
        if !mark.isEmpty { StageProcesses.end(marked: mark) }
    }
}
