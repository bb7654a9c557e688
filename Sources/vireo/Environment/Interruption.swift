import Dispatch
import Foundation
import Glibc
import Processes
import Synchronization

/// Handles SIGINT, SIGTERM and SIGHUP.
enum Interruption {
    /// The result of `work`. The first signal calls `announce` with its number and cancels `work`, so that stages save
    /// checkpoints. The second signal exits the program, and its workers with it, unless it `isPatient`.
    static func result<Success: Sendable>(
        of work: Task<Success, any Error>, isPatient: Bool = false,
        announce: @escaping @Sendable (_ signal: Int32) -> Void
    ) async throws -> Success {
        let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
        let sources = sources { number, _ in continuation.yield(number) }
        let listener = Task {
            var isStopping = false
            for await number in signals {
                if isStopping, isPatient { continue }
                if isStopping { _exit(130) }
                isStopping = true
                announce(number)
                work.cancel()
            }
        }
        defer {
            for source in sources { source.cancel() }
            listener.cancel()
        }
        return try await work.value
    }

    /// The result of synchronous `work`. The closure that it receives returns true after the first signal. The work
    /// should then throw soon: the program exits after two seconds.
    static func result<Success>(
        of work: (_ isInterrupted: @escaping @Sendable () -> Bool) throws -> Success
    ) rethrows -> Success {
        let flag = Flag()
        let sources = sources { _, queue in
            flag.raise()
            queue.asyncAfter(deadline: .now() + 2) { _exit(130) }
        }
        defer { for source in sources { source.cancel() } }
        return try work { flag.isRaised }
    }

    /// Calls `body` for each signal, except for signals that were ignored when the program started.
    private static func sources(
        _ body: @escaping @Sendable (Int32, DispatchQueue) -> Void
    ) -> [any DispatchSourceSignal] {
        let queue = DispatchQueue(label: "vireo.interruption")
        let numbers = [SIGINT, SIGTERM, SIGHUP].filter { !InheritedSignals.ignored.contains($0) }
        return numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { body(number, queue) }
            source.resume()
            return source
        }
    }

    private final class Flag: Sendable {
        private let raised = Mutex(false)
        func raise() { raised.withLock { $0 = true } }
        var isRaised: Bool { raised.withLock { $0 } }
    }
}

/// Exits the process if work that cannot be interrupted exceeds its time. It uses a thread of its own, because the
/// working thread does not check the clock. A class, because the thread shares it.
final class Watchdog: Sendable {
    private let isStopped = Atomic(false)

    /// Calls `explain` before the process exits.
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
