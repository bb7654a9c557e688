import Synchronization

/// Tells living runners from dead ones. No clock that can be set counts: on one machine there are process
/// numbers and its monotonic clock; what runs elsewhere is dead once it gave no sign of life for as long
/// as a lease lasts while we looked on.
final class Watch: Sendable {
    let kernel: Kernel
    /// Milliseconds.
    let lease: Int

    /// The last beat seen of runners on other machines, and when by our clock.
    private let seen = Mutex<[Int64: (beat: Int, at: Int)]>([:])

    init(kernel: Kernel, lease: Duration) {
        self.kernel = kernel
        self.lease = Int(lease / .milliseconds(1))
    }

    func isAlive(_ runner: RunnerRecord) -> Bool {
        let own = kernel.identity
        let now = kernel.milliseconds()
        if runner.identity.boot == own.boot {
            if runner.identity.namespace == own.namespace,
                kernel.start(runner.identity.process) != runner.identity.start
            {
                return false
            }
            return now - runner.beat <= lease
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
}
