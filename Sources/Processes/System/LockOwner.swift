import Foundation
import Glibc

/// The worker that holds a work directory: one process among all that ever ran, and the mark of what it
/// starts.
package struct LockOwner: Hashable, Sendable {
    package let pid: Int32
    /// In clock ticks since the start of the machine: numbers of processes come again.
    package let start: Int
    /// Which start of the machine.
    package let boot: String
    /// Empty if nobody gave one.
    package let mark: String

    package init(pid: Int32, start: Int, boot: String, mark: String) {
        self.pid = pid
        self.start = start
        self.boot = boot
        self.mark = mark
    }

    /// This process.
    package static func current(environment: [String: String]) -> LockOwner {
        LockOwner(
            pid: getpid(), start: ProcessTable.record(of: getpid())?.start ?? 0,
            boot: Boot.identifier, mark: environment[StageProcesses.mark] ?? "")
    }

    /// One line.
    package var text: String { "\(pid) \(start) \(boot) \(mark)\n" }

    /// Reads what `text` gives; nil for anything else.
    package init?(text: String) {
        guard text.last == "\n" else { return nil }
        let fields = text.dropLast().split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 4, let pid = Int32(fields[0]), pid > 1, let start = Int(fields[1])
        else { return nil }
        self.init(pid: pid, start: start, boot: String(fields[2]), mark: String(fields[3]))
    }

    /// Ends the worker with all it started, if it is of this machine and holds the lock on `file`: anybody may
    /// have written the number of any process. What it started may outlive it, and carries its mark.
    package func end(of file: Int32) {
        guard boot == Boot.identifier, pid != getpid() else { return }
        if ProcessTable.record(of: pid)?.start == start, FileLocks.holds(pid, file) {
            kill(pid, SIGSTOP)
            // Before it: without their parent they would belong to nobody.
            StageProcesses.endDescendants(of: pid)
            if getpgid(pid) == pid { kill(-pid, SIGKILL) }
            kill(pid, SIGKILL)
        }
        if !mark.isEmpty { StageProcesses.end(marked: mark) }
    }
}
