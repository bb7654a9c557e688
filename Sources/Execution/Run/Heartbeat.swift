import Foundation
import Store

/// Sends the heartbeat of a run on a thread of its own, so that nothing else in this process can delay it.
struct Heartbeat {
    let store: Store

    /// Runs until the task is cancelled. Throws `StoreError.leaseLost` if another process took this one for dead.
    func keepUp() async throws {
        let isOver = DispatchSemaphore(value: 0)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread {
                    continuation.resume(with: Result { try pulse(until: isOver) })
                }
            }
        } onCancel: {
            isOver.signal()
        }
    }

    private func pulse(until isOver: DispatchSemaphore) throws {
        let interval = store.beatInterval / .seconds(1)
        while isOver.wait(timeout: .now() + interval) == .timedOut {
            do {
                try store.heartbeat()
            } catch let error as StoreError where error != .leaseLost {
                // The database is locked or the disk is full; the next heartbeat tries again.
            }
        }
    }
}
