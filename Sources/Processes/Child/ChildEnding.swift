import Glibc
import Synchronization

/// The end of a process, which one thread awaits and others may request.
final class ChildEnding: Sendable {
    private let pid: pid_t
    /// The argument of `kill`: the process, or its group.
    private let target: pid_t
    /// The exit status, once the process is reaped. After that its process id may be reused.
    private let end = Mutex<ExitStatus?>(nil)

    init(_ pid: pid_t, leadsGroup: Bool) {
        self.pid = pid
        target = leadsGroup ? -pid : pid
    }

    /// Whether the process has ended. Does not reap it.
    func isOver() -> Bool {
        var info = siginfo_t()
        guard waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT | WNOHANG) == 0 else {
            return errno != EINTR
        }
        return info.si_signo == SIGCHLD
    }

    /// Waits for the process, kills the rest of its group while the process id is still reserved, and reaps the
    /// process.
    func reap() -> ExitStatus {
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        if target < 0 { kill(target, SIGKILL) }
        // The status if the real one is lost, as when SIGCHLD is ignored; it counts as a failure.
        var code: Int32 = 255 << 8
        var usage = rusage()
        return end.withLock { end in
            while wait4(pid, &code, 0, &usage) < 0, errno == EINTR {}
            let status = ExitStatus(code: code, usage: usage)
            end = status
            return status
        }
    }

    /// The exit status; `nil` until the process is reaped.
    var status: ExitStatus? { end.withLock { $0 } }

    /// Kills the process and all its descendants, unless it has ended. Descendants are killed first, because those that
    /// left its group could not be found after their parent has ended.
    func endAll() {
        end.withLock { end in
            guard end == nil else { return }
            kill(pid, SIGSTOP)
            StageProcesses.endDescendants(of: pid)
            kill(target, SIGKILL)
        }
    }

    /// Signals the process or its group, or the process alone, unless it has ended.
    func signal(_ number: Int32, isForOne: Bool = false) {
        end.withLock { if $0 == nil { kill(isForOne ? pid : target, number) } }
    }
}
