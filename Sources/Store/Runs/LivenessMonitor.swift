import Synchronization

/// Distinguishes living runners from dead ones. A process of this machine whose process id is visible is alive as long
/// as it exists, however long it sends no heartbeat; if it is suspended, it counts as dead after the duration of a
/// lease. Other processes count as dead if they send no heartbeat for the duration of a lease. Only monotonic clocks
/// are used.
final class LivenessMonitor: Sendable {
    let kernel: HostClock
    /// The duration of a lease, in milliseconds.
    let lease: Int

    /// The last heartbeat seen of runners on other machines, and its time on the clock of this machine.
    private let seen = Mutex<[Int64: (beat: Int, at: Int)]>([:])

    init(kernel: HostClock, lease: Duration) {
        self.kernel = kernel
        self.lease = Int(lease / .milliseconds(1))
    }

    func isAlive(_ runner: RunnerRecord) -> Bool {
        let own = kernel.identity
        let now = kernel.milliseconds()
        if runner.identity.boot == own.boot {
            let isSilent = now - runner.beat > lease
            guard runner.identity.namespace == own.namespace else { return !isSilent }
            return isRunning(runner.identity, orStopped: !isSilent)
        }
        // This machine was restarted since.
        if runner.identity.host == own.host { return false }
        return seen.withLock { seen in
            guard let last = seen[runner.id], last.beat == runner.beat else {
                seen[runner.id] = (runner.beat, now)
                return true
            }
            return now - last.at <= lease
        }
    }

    /// Whether a process of this machine and namespace still exists.
    private func isRunning(_ identity: HostClock.Identity, orStopped: Bool) -> Bool {
        guard let process = kernel.process(identity.process) else { return false }
        return process.start == identity.start && (orStopped || !process.isStopped)
    }
}
