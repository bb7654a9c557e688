import Foundation
import Synchronization

/// Threads for tasks that make calls which may block for long: packing, hashing, transactions, waiting for
/// locks. Swift's own threads are as many as the processors, and all other tasks need them. A class, for it
/// stands for the threads.
final class BlockingThreads: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var threads = 0
        /// Threads that wait for a job.
        var idle = 0
    }

    private let state = Mutex(State())
    private let news = DispatchSemaphore(value: 0)
    private let limit: Int

    /// In seconds, before a thread without a job ends.
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
