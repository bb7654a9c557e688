import CSystem
import Foundation
import Glibc

/// What a stage started, and how to be rid of it, however far it went: descendants of a process that
/// adopts what they leave behind, and, when that process is gone itself, whatever carries its mark.
package enum StageProcesses {
    /// The variable that whatever a worker starts inherits.
    package static let mark = "VIREO_STAGE_ATTEMPT"

    /// Makes this process the parent of what its descendants leave behind, so that none gets out of sight.
    package static func adopt() { _ = adopt_orphans() }

    /// Keeps programs of the same user from reading the environment of this process, and from writing to its
    /// files. Those of root may.
    package static func closeToOthers() { _ = close_to_others() }

    /// Whether this process has a child that runs; those that have ended are reaped. Where there is none this
    /// is one system call. Not while another thread waits for a child.
    package static func haveChildren() -> Bool {
        var info = siginfo_t()
        guard waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | WNOHANG) == 0 else { return false }
        while waitpid(-1, nil, WNOHANG) > 0 {}
        return waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | WNOHANG) == 0
    }

    /// Ends and reaps every descendant of this process. Where there is none this is one system call. Not
    /// while another thread waits for a child.
    package static func endChildren() {
        var rounds = 0
        while haveChildren(), rounds < rest {
            endDescendants(of: getpid())
            pause(rounds)
            rounds += 1
        }
    }

    /// Ends and reaps the children of this process that `isLeft` names, with their descendants.
    package static func endChildren(where isLeft: (pid_t) -> Bool) {
        for round in 0..<rest {
            let table = ProcessTable.current()
            let left = table.records.filter { $0.parent == getpid() && isLeft($0.pid) }
            for child in left where child.isOver { waitpid(child.pid, nil, WNOHANG) }
            let running = left.filter { !$0.isOver }
            if running.isEmpty { return }
            for child in running {
                for process in table.descendants(of: child.pid) + [child] {
                    kill(process.pid, SIGKILL)
                }
            }
            pause(round)
        }
    }

    /// Ends every descendant of a process that adopts what they leave behind, and does not reap them.
    package static func endDescendants(of parent: pid_t) {
        for round in 0..<rest {
            let found = ProcessTable.current().descendants(of: parent)
            if found.isEmpty { return }
            for process in found { kill(process.pid, SIGKILL) }
            pause(round)
        }
    }

    /// Ends whatever carries a mark, and waits until nothing does.
    package static func end(marked value: String) {
        for round in 0..<rest {
            let found = ProcessTable.marked(mark, value).filter { $0 != getpid() }
            if found.isEmpty { return }
            for pid in found { kill(pid, SIGKILL) }
            pause(round)
        }
    }

    /// After so many rounds, some seconds, what is left cannot be killed: it waits for a device.
    private static let rest = 100

    private static func pause(_ round: Int) {
        usleep(useconds_t(min(500 << min(round, 7), 50_000)))
    }
}
