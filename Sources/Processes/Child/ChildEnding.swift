import Glibc
import Synchronization

/// The end of a process, awaited by one thread and hastened by others.
final class ChildEnding: Sendable {
    private let pid: pid_t
    /// What `kill` takes: the process, or its group.
    private let target: pid_t
    /// How the process ended, once it is reaped, so that its number may be another's.
    private let end = Mutex<ExitStatus?>(nil)

    init(_ pid: pid_t, leadsGroup: Bool) {
        self.pid = pid
        target = leadsGroup ? -pid : pid
    }

    /// Whether the process has ended; it stays to be reaped.
    func isOver() -> Bool {
        var info = siginfo_t()
        guard waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT | WNOHANG) == 0 else {
            return errno != EINTR
        }
        return info.si_signo == SIGCHLD
    }

    /// Waits for the process, ends what is left of its group while its number is still taken, and reaps
    /// it.
    func reap() -> ExitStatus {
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        if target < 0 { kill(target, SIGKILL) }
        // Stays where the status went to nobody, as when SIGCHLD is ignored: that is no success.
        var code: Int32 = 255 << 8
        var usage = rusage()
        return end.withLock { end in
            while wait4(pid, &code, 0, &usage) < 0, errno == EINTR {}
            let status = ExitStatus(code: code, usage: usage)
            end = status
            return status
        }
    }

    /// `nil` as long as the process is not reaped.
    var status: ExitStatus? { end.withLock { $0 } }

    /// Ends the process with everything it started, unless it is gone. What it started first: without their
    /// parent, those that left its group would belong to nobody.
    func endAll() {
        end.withLock { end in
            guard end == nil else { return }
            kill(pid, SIGSTOP)
            StageProcesses.endDescendants(of: pid)
            kill(target, SIGKILL)
        }
    }

    /// Signals the process or its group, unless it is gone.
    func signal(_ number: Int32) {
        end.withLock { if $0 == nil { kill(target, number) } }
    }
}
