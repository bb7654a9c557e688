import CSystem
import Foundation
import Glibc

/// Finds and kills the processes that a stage started: the descendants of a process that adopts orphans and, if that
/// process has died, all processes that carry its mark.
package enum StageProcesses {
    /// The environment variable that all processes started by a worker inherit.
    package static let mark = "VIREO_STAGE_ATTEMPT"

    /// Makes this process the parent of orphaned descendants, so that none is lost.
    package static func adopt() { _ = adopt_orphans() }

    /// Prevents other programs of the same user, except for root's, from reading the environment of this process and
    /// from writing to its open files.
    package static func closeToOthers() { _ = close_to_others() }

    /// Whether this process has a running child; children that have ended are reaped. Without children this takes one
    /// system call. Must not be called while another thread waits for a child.
    package static func haveChildren() -> Bool {
        var info = siginfo_t()
        guard waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | WNOHANG) == 0 else { return false }
        while waitpid(-1, nil, WNOHANG) > 0 {}
        return waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | WNOHANG) == 0
    }

    /// Kills and reaps all descendants of this process. Without descendants this takes one system call. Must not be
    /// called while another thread waits for a child.
    package static func endChildren() {
        var rounds = 0
        while haveChildren(), rounds < rest {
            endDescendants(of: getpid())
            pause(rounds)
            rounds += 1
        }
    }

    /// Kills and reaps the children of this process for which `isLeft` returns true, with their descendants.
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

    /// Kills all descendants of a process that adopts orphans, without reaping them.
    package static func endDescendants(of parent: pid_t) {
        for round in 0..<rest {
            let found = ProcessTable.current().descendants(of: parent)
            if found.isEmpty { return }
            for process in found { kill(process.pid, SIGKILL) }
            pause(round)
        }
    }

    /// Kills all processes that carry a mark, and waits until none is left.
    package static func end(marked value: String) {
        for round in 0..<rest {
            let found = ProcessTable.marked(mark, value).filter { $0 != getpid() }
            if found.isEmpty { return }
            for pid in found { kill(pid, SIGKILL) }
            pause(round)
        }
    }

    /// The number of rounds (some seconds) after which the remaining processes are assumed to be stuck in a device.
    private static let rest = 100

    private static func pause(_ round: Int) {
        usleep(useconds_t(min(500 << min(round, 7), 50_000)))
    }
}
