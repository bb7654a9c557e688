import Foundation
import Store

/// Gives a runner's signs of life, on a thread of its own: whatever else this process does or waits for, they
/// go on.
struct Heartbeat {
    let store: Store

    /// Goes on until the task is cancelled. Fails with `StoreError.leaseLost` if this process was taken for dead.
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
                // The database is locked or the disk is full: the next one tries again.
            }
        }
    }
}
