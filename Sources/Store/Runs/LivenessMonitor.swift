import Synchronization

/// Tells living runners from dead ones. A process of this machine whose number can be seen here lives as long
/// as the system says so, however long something keeps it from giving signs of life; one that was stopped
/// counts as dead after a lease. Of others only signs of life are known: they are dead once there was none
/// for as long as a lease lasts. No clock that can be set counts.
final class LivenessMonitor: Sendable {
    let kernel: HostClock
    /// Milliseconds.
    let lease: Int

    /// The last heartbeat seen of runners on other machines, and when by our clock.
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
        // The machine was started anew since.
        if runner.identity.host == own.host { return false }
        return seen.withLock { seen in
            guard let last = seen[runner.id], last.beat == runner.beat else {
                seen[runner.id] = (runner.beat, now)
                return true
            }
            return now - last.at <= lease
        }
    }

    /// Whether a process of this machine and namespace is there still.
    private func isRunning(_ identity: HostClock.Identity, orStopped: Bool) -> Bool {
        guard let process = kernel.process(identity.process) else { return false }
        return process.start == identity.start && (orStopped || !process.isStopped)
    }
}
