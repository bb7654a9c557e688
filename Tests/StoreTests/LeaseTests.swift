import Foundation
import Pipeline
import Store
import Synchronization
import Testing

/// One store and two processes that may be anywhere, with clocks that tests set.
@Suite(.timeLimit(.minutes(10)))
struct LeaseTests {
    private final class Clock: Sendable {
        private let time = Mutex(1_000_000)
        var milliseconds: Int { time.withLock { $0 } }
        func pass(seconds: Int) { time.withLock { $0 += seconds * 1000 } }
    }

    private let root = FileManager.default.temporaryDirectory.path + "/vireo-" + UUID().uuidString
    private let here = Clock()
    private let there = Clock()
    private let key = Digest(of: "key")

    private func kernel(
        _ clock: Clock, host: String = "wren", boot: String = "one", process: Int32 = 1,
        living: Set<Int32> = [1, 2]
    ) -> Kernel {
        Kernel(
            identity: .init(
                host: host, boot: boot, namespace: "pid", process: process, start: Int(process)),
            milliseconds: { clock.milliseconds },
            start: { living.contains($0) ? Int($0) : nil })
    }

    private func open(_ kernel: Kernel) throws -> Store {
        try Store.open(directory: root, mode: .readWrite, kernel: kernel)
    }

    private func run(_ store: Store) throws -> RunID {
        try store.startRun(
            RunDescription(pipeline: "p", path: "p.yaml", source: "", program: "test"),
            stages: [.init(id: "s", name: "s", kind: "test")])
    }

    private func claim(_ store: Store, _ run: RunID) throws -> Store.Claim {
        try store.claim(
            key, document: "{}", kind: "test", inputs: [], for: "s", of: run, reason: "why",
            again: false)
    }

    private func started(_ store: Store, _ run: RunID) throws -> ExecutionID {
        guard case .started(let id, _) = try claim(store, run) else {
            throw LeaseTestError.notStarted
        }
        return id
    }

    private enum LeaseTestError: Error { case notStarted }

    @Test("What a living runner works on is held, and found by others once it is published")
    func held() throws {
        let first = try open(kernel(here))
        let execution = try started(first, try run(first))
        let second = try open(kernel(here, process: 2))
        let run = try run(second)
        guard case .held(let holder) = try claim(second, run) else {
            Issue.record("the key is not held")
            return
        }
        #expect(holder.name == "process 1 on wren")
        _ = try first.publish(execution, outputs: [], usage: nil)
        guard case .finished(let finished) = try claim(second, run) else {
            Issue.record("the result is not found")
            return
        }
        #expect(finished.id == execution)
    }

    @Test(
        "What is left of a runner is taken over as soon as it is known to be dead",
        arguments: ["process gone", "number taken", "machine restarted", "silent for a lease"])
    func takenOver(how: String) throws {
        let first = try open(kernel(here))
        let firstRun = try run(first)
        let execution = try started(first, firstRun)
        var other = kernel(here, process: 2)
        switch how {
        case "process gone": other.start = { $0 == 2 ? 2 : nil }
        case "number taken": other.start = { $0 == 2 ? 2 : 99 }
        case "machine restarted": other.identity.boot = "two"
        default: here.pass(seconds: 61)
        }
        let second = try open(other)
        #expect(try second.runs().map(\.outcome) == ["interrupted"])
        #expect(try second.stages(firstRun).map(\.error) == ["interrupted"])
        let attempt = try started(second, try run(second))
        #expect(attempt != execution)
        // The first one wakes up: nothing of it is published, whatever it tries.
        #expect(throws: StoreError.fenced) {
            try first.publish(execution, outputs: [], usage: nil)
        }
        #expect(throws: StoreError.fenced) { try first.beat() }
        try first.fail(execution, error: "too late", usage: nil)
        try first.finishRun(firstRun, outcome: .done)
        #expect(try second.runs().map(\.outcome) == ["running", "interrupted"])
        #expect(try second.stages(firstRun).map(\.error) == ["interrupted"])
        _ = try second.publish(attempt, outputs: [], usage: nil)
        #expect(try second.finishedExecution(key)?.id == attempt)
    }

    @Test("Signs of life keep a lease, however long the work takes")
    func beating() throws {
        let first = try open(kernel(here))
        let execution = try started(first, try run(first))
        let second = try open(kernel(here, process: 2))
        let run = try run(second)
        for _ in 0..<20 {
            here.pass(seconds: 30)
            try first.beat()
            try second.beat()
            guard case .held = try claim(second, run) else {
                Issue.record("the lease is lost")
                return
            }
        }
        _ = try first.publish(execution, outputs: [], usage: nil)
    }

    @Test(
        "A runner on another machine is dead once it was silent for a lease while another looked on"
    )
    func elsewhere() throws {
        let first = try open(kernel(there, host: "finch", boot: "its own"))
        _ = try started(first, try run(first))
        // Nothing can be told from the other machine's clock, nor from its process numbers.
        there.pass(seconds: 1_000_000)
        let second = try open(kernel(here, process: 2, living: [2]))
        let run = try run(second)
        for beats in [true, true, false] {
            here.pass(seconds: 50)
            there.pass(seconds: 50)
            if beats { try first.beat() }
            try second.beat()
            guard case .held(let holder) = try claim(second, run) else {
                Issue.record("the lease is lost")
                return
            }
            #expect(holder.name == "process 1 on finch")
        }
        here.pass(seconds: 30)
        _ = try started(second, run)
    }

    @Test("The wall clock may go back and forth by days: it decides nothing")
    func steppedClock() throws {
        let day = 86_400.0
        let time = Mutex(Date(timeIntervalSince1970: 1_700_000_000))
        let store = try Store.open(
            directory: root, mode: .readWrite, kernel: kernel(here),
            clock: { time.withLock { $0 } })
        let execution = try started(store, try run(store))
        for step in [day, -2 * day, 3 * day, -day] {
            time.withLock { $0 += step }
            let other = try Store.open(
                directory: root, mode: .readWrite, kernel: kernel(here, process: 2),
                clock: { time.withLock { $0 } })
            guard case .held = try claim(other, try run(other)) else {
                Issue.record("the lease is lost")
                return
            }
            try other.close()
        }
        _ = try store.publish(execution, outputs: [], usage: nil)
    }

    @Test("A runner that closes its store leaves nothing running")
    func leaving() throws {
        let store = try open(kernel(here))
        let run = try run(store)
        _ = try started(store, run)
        #expect(try store.runners().map(\.isAlive) == [true])
        try store.close()
        let reader = try Store.open(directory: root, mode: .readOnly, kernel: kernel(here))
        #expect(try reader.runners().isEmpty)
        #expect(try reader.runs().map(\.outcome) == ["interrupted"])
        #expect(try reader.needsRecovery() == false)
    }
}
