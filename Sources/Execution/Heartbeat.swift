import Foundation
import Store

/// Gives a runner's signs of life, on a thread of its own: whatever else this process does or waits for, they
/// go on.
struct Heartbeat {
    let store: Store

    /// Goes on until the task is cancelled. Fails with `StoreError.fenced` if this process was taken for dead.
    func keepUp() async throws {
        let isOver = DispatchSemaphore(value: 0)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread {
                    continuation.resume(with: Result { try beat(until: isOver) })
                }
            }
        } onCancel: {
            isOver.signal()
        }
    }

    private func beat(until isOver: DispatchSemaphore) throws {
        let interval = store.beatInterval / .seconds(1)
        while isOver.wait(timeout: .now() + interval) == .timedOut {
            do {
                try store.beat()
            } catch let error as StoreError where error != .fenced {
                // The database is locked or the disk is full: the next one tries again.
            }
        }
    }
}
