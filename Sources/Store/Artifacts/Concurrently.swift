import Foundation

/// Runs two pieces of work at the same time, each on a thread of its own, and returns when both are done.
/// They must not share what either of them changes.
func concurrently(_ first: () -> Void, _ second: () -> Void) {
    withoutActuallyEscaping(first) { first in
        withoutActuallyEscaping(second) { second in
            // Neither leaves this call.
            nonisolated(unsafe) let work = [first, second]
            DispatchQueue.concurrentPerform(iterations: 2) { work[$0]() }
        }
    }
}
