import Foundation
import Synchronization

/// Ends the process where work that cannot be interrupted goes on after its time: a thread of its own, for the
/// one that works does not come to look at a clock. A class, because the thread shares it.
final class Watchdog: Sendable {
    private let isStopped = Atomic(false)

    /// Before the process ends, `explain` says why.
    init(after time: Duration, _ explain: @escaping @Sendable () -> Void) {
        Thread.detachNewThread { [self] in
            Thread.sleep(forTimeInterval: time / .seconds(1))
            guard !isStopped.load(ordering: .acquiring) else { return }
            explain()
            _exit(1)
        }
    }

    func stop() { isStopped.store(true, ordering: .releasing) }
}
