import Files
import Foundation
import GRDB
import Pipeline
import Store
import Synchronization
import TestSupport
import Testing

/// One store and two processes that may be anywhere, with clocks that tests set.
@Suite(.timeLimit(.minutes(10)))
struct LeaseTests {
    private final class Clock: Sendable {
        private let time = Mutex(1_000_000)
        var milliseconds: Int { time.withLock { $0 } }
        func pass(seconds: Int) { time.withLock { $0 += seconds * 1000 } }
    }

    private let temporary: TemporaryDirectory
    private var root: String { temporary.file("store") }
    private let here = Clock()
    private let there = Clock()
    private let key = Digest(of: "key")

    init() throws { temporary = try TemporaryDirectory() }

    private func kernel(
        _ clock: Clock, host: String = "wren", boot: String = "one", process: Int32 = 1,
        living: Set<Int32> = [1, 2]
    ) -> HostClock {
        HostClock(
            identity: .init(
                host: host, boot: boot, namespace: "pid", process: process, start: Int(process)),
            milliseconds: { clock.milliseconds },
            process: { living.contains($0) ? .init(start: Int($0)) : nil })
    }

    private func open(_ kernel: HostClock) throws -> Store {
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

    @Test("Work of a live runner is leased, and others find the result once it is published")
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
        "The work of a runner is taken over as soon as it is known to be dead",
        arguments: ["process gone", "number taken", "machine restarted", "stopped for a lease"])
    func takenOver(how: String) throws {
        let first = try open(kernel(here))
        let firstRun = try run(first)
        let execution = try started(first, firstRun)
        var other = kernel(here, process: 2)
        switch how {
        case "process gone": other.process = { $0 == 2 ? .init(start: 2) : nil }
        case "number taken": other.process = { .init(start: $0 == 2 ? 2 : 99) }
        case "machine restarted": other.identity.boot = "two"
        default:
            here.pass(seconds: 61)
            other.process = { .init(start: Int($0), isStopped: $0 == 1) }
        }
        let second = try open(other)
        #expect(try second.runs().map(\.outcome) == ["interrupted"])
        #expect(try second.stages(firstRun).map(\.error) == ["interrupted"])
        let attempt = try started(second, try run(second))
        #expect(attempt != execution)
        // The first one wakes up: nothing of it is published, whatever it tries.
        #expect(throws: StoreError.leaseLost) {
            try first.publish(execution, outputs: [], usage: nil)
        }
        #expect(throws: StoreError.leaseLost) { try first.heartbeat() }
        try first.fail(execution, error: "too late", usage: nil)
        try first.finishRun(firstRun, outcome: .done)
        #expect(try second.runs().map(\.outcome) == ["running", "interrupted"])
        #expect(try second.stages(firstRun).map(\.error) == ["interrupted"])
        _ = try second.publish(attempt, outputs: [], usage: nil)
        #expect(try second.finishedExecution(key)?.id == attempt)
    }

    @Test("Heartbeats keep a lease, however long the work takes")
    func beating() throws {
        let first = try open(kernel(here))
        let execution = try started(first, try run(first))
        let second = try open(kernel(here, process: 2))
        let run = try run(second)
        for _ in 0..<20 {
            here.pass(seconds: 30)
            try first.heartbeat()
            try second.heartbeat()
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
            if beats { try first.heartbeat() }
            try second.heartbeat()
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

    @Test("A process that exists is alive, however long it sent no heartbeat")
    func silent() throws {
        let first = try open(kernel(here))
        let execution = try started(first, try run(first))
        here.pass(seconds: 10_000)
        let second = try open(kernel(here, process: 2))
        guard case .held = try claim(second, try run(second)) else {
            Issue.record("the lease is lost")
            return
        }
        _ = try first.publish(execution, outputs: [], usage: nil)
    }

    @Test("A process that was suspended for less than a lease is alive")
    func stopped() throws {
        let first = try open(kernel(here))
        _ = try started(first, try run(first))
        here.pass(seconds: 50)
        var other = kernel(here, process: 2)
        other.process = { .init(start: Int($0), isStopped: $0 == 1) }
        let second = try open(other)
        guard case .held = try claim(second, try run(second)) else {
            Issue.record("the lease is lost")
            return
        }
    }

    @Test("A runner that was taken for dead writes nothing more")
    func fencedWrites() throws {
        let first = try open(kernel(here))
        let firstRun = try run(first)
        let execution = try started(first, firstRun)
        var other = kernel(here, process: 2)
        other.process = { $0 == 2 ? .init(start: 2) : nil }
        let second = try open(other)
        let before = try second.stages(firstRun)
        let point = [MetricPoint(name: "loss", step: 1, value: 1)]
        #expect(throws: StoreError.leaseLost) {
            try first.appendMetrics(execution, point, checkpoint: 1)
        }
        #expect(throws: StoreError.leaseLost) { try claim(first, firstRun) }
        #expect(throws: StoreError.leaseLost) { try run(first) }
        #expect(throws: StoreError.leaseLost) {
            try first.recordStage(
                firstRun, stage: "s", outcome: .skipped, execution: nil, reason: "late")
        }
        #expect(try second.stages(firstRun) == before)
        #expect(try second.metrics(execution).isEmpty)
    }

    /// A connection that may keep a transaction open.
    private func otherProgram(_ database: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        return try DatabaseQueue(path: database, configuration: configuration)
    }

    @Test("A write waits for another program's transaction, and says so once")
    func waiting() throws {
        let store = try open(kernel(here))
        try store.close()
        let program = try otherProgram(store.layout.database)
        let notices = Mutex<[String]>([])
        let patient = try Store.open(
            directory: root, mode: .readWrite, kernel: kernel(here),
            wait: LockWait(silence: .milliseconds(20)) { path, _ in
                notices.withLock { $0.append(path) }
                // What it waited for ends.
                try? program.inDatabase { try $0.execute(sql: "COMMIT") }
            })
        try program.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
        _ = try run(patient)
        #expect(notices.withLock { $0 } == [store.layout.database])
        #expect(try patient.runs().count == 1)
    }

    @Test("A write that waited too long fails, and may succeed later")
    func waitedTooLong() throws {
        let wait = LockWait(silence: .zero, limit: .milliseconds(30))
        let store = try Store.open(
            directory: root, mode: .readWrite, kernel: kernel(here), wait: wait)
        let program = try otherProgram(store.layout.database)
        try program.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let error = #expect(throws: StoreError.self) { try run(store) }
        #expect(error == .inUse(path: store.layout.database, holder: nil))
        #expect(error?.isTransient == true)
        try program.inDatabase { try $0.execute(sql: "COMMIT") }
        _ = try run(store)
    }
}
