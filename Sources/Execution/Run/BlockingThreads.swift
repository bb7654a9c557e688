import Foundation
import Synchronization

/// Threads for tasks with calls that may block for a long time: packing, hashing, transactions, waiting for locks.
/// Swift's own thread pool has only one thread per processor, which the other tasks need. A class, because it owns the
/// threads.
final class BlockingThreads: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var threads = 0
        /// The number of threads that wait for a job.
        var idle = 0
    }

    private let state = Mutex(State())
    private let news = DispatchSemaphore(value: 0)
    private let limit: Int

    /// The time before an idle thread exits, in seconds.
    private static let patience = 2.0

    init(limit: Int) { self.limit = limit }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isShort = state.withLock { state in
            state.jobs.append(job)
            guard state.jobs.count > state.idle, state.threads < limit else { return false }
            state.threads += 1
            return true
        }
        news.signal()
        if isShort { Thread.detachNewThread { self.serve() } }
    }

    private func serve() {
        while true {
            state.withLock { $0.idle += 1 }
            let result = news.wait(timeout: .now() + Self.patience)
            let job = state.withLock { state in
                state.idle -= 1
                if result == .success { return state.jobs.removeFirst() as UnownedJob? }
                state.threads -= 1
                return nil
            }
            guard let job else { return }
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
