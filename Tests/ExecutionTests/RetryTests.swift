import Execution
import Foundation
import Store
import Synchronization
import Testing

@Suite("Trying again", .timeLimit(.minutes(10)))
struct RetryTests {
    private func stage(_ settings: String) -> String {
        "name: toy\nstages:\n  first: { uses: make, \(settings) }\n"
    }

    @Test("A failed stage is tried again, each attempt an execution that goes on from the last one")
    func retries() async throws {
        let toy = try ToyWorker()
        let events = Mutex<[RunEvent]>([])
        let summary = try await toy.run(stage("with: { do: twice }, retry: 2")) { event in
            events.withLock { $0.append(event) }
        }
        #expect(summary.outcome == .done && summary.ran == 1 && summary.failed == 0)
        #expect(try toy.text("first") == "x\nx\nx\n")
        let told = events.withLock { $0 }
        #expect(
            told.filter { if case .started = $0 { true } else { false } } == [
                .started(stage: "first", reason: "it has never run"),
                .started(stage: "first", reason: "resumes after step 1"),
                .started(stage: "first", reason: "resumes after step 1"),
            ])
        let failures = told.compactMap { event -> [Int]? in
            guard case .failedForNow(_, "bad luck", _, let retry, let count, let pause) = event
            else { return nil }
            #expect(pause <= .milliseconds(2 * retry))
            return [retry, count]
        }
        #expect(failures == [[1, 2], [2, 2]])
        let store = try toy.open()
        let execution = try #require(try store.stages(summary.run)[0].execution)
        #expect(execution.rawValue == 3)
        try store.close()
    }

    @Test("A stage that fails more often than it may be tried again has failed")
    func tooOften() async throws {
        let toy = try ToyWorker()
        let summary = try await toy.run(stage("with: { do: twice }, retry: 1"))
        #expect(summary.outcome == .failed && summary.failed == 1)
        #expect(toy.ran.count == 2)
    }

    @Test("A stage that would fail again is not tried again")
    func lasting() async throws {
        let toy = try ToyWorker()
        let summary = try await toy.run(stage("with: { do: lasting }, retry: 5"))
        #expect(summary.outcome == .failed && toy.ran.count == 1)
    }

    @Test("An interruption ends the wait, and the stage has failed")
    func interruptedWait() async throws {
        let toy = try ToyWorker()
        let (waiting, continuation) = AsyncStream.makeStream(of: Void.self)
        let yaml = stage("with: { do: fail }, retry: 1")
        let task = Task {
            try await toy.run(yaml, backoff: Backoff(first: .seconds(600), most: .seconds(600))) {
                if case .failedForNow = $0 { continuation.yield() }
            }
        }
        for await _ in waiting { break }
        task.cancel()
        let summary = try await task.value
        #expect(summary.outcome == .cancelled && summary.failed == 1 && summary.skipped == 0)
        let store = try toy.open()
        #expect(try store.stages(summary.run).map(\.outcome) == [.failed])
        try store.close()
    }

    @Test("While a stage waits to be tried again, another takes its place")
    func room() async throws {
        let toy = try ToyWorker()
        let yaml = """
            name: toy
            stages:
              first: { uses: make, with: { do: twice }, retry: 2 }
              second: { uses: make, with: { text: b } }
            """
        let backoff = Backoff(first: .milliseconds(300), most: .seconds(1))
        let summary = try await toy.run(yaml, cores: 1, backoff: backoff)
        #expect(summary.outcome == .done)
        #expect(toy.ran == ["twice make", "write make", "twice make", "twice make"])
    }

    @Test("Pauses double up to a bound, less a random half")
    func pauses() {
        let pauses = (1...8).map { Backoff.usual.pause(before: $0, chance: 0) / .seconds(1) }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60])
        #expect(Backoff.usual.pause(before: 3, chance: 1) == .seconds(2))
        #expect(Backoff.usual.pause(before: 3, chance: 0.5) == .seconds(3))
        #expect(Backoff.usual.pause(before: 1_000_000, chance: 0) == .seconds(60))
    }

    @Test("A stage that takes longer than its timeout fails in words")
    func timeout() async throws {
        let toy = try ToyWorker()
        let summary = try await toy.run(stage("with: { do: hang }, timeout: 1s"))
        #expect(summary.outcome == .failed)
        let store = try toy.open()
        #expect(
            try store.stages(summary.run)[0].error
                == "the stage exceeded its timeout of 1s: raise `timeout`")
        try store.close()
    }

    @Test("A stage that uses more memory than it asked for fails with both figures")
    func memory() async throws {
        let toy = try ToyWorker()
        let summary = try await toy.run(stage("with: { do: eat }, resources: { memory: 40MB }"))
        #expect(summary.outcome == .failed)
        let store = try toy.open()
        let error = try #require(try store.stages(summary.run)[0].error)
        #expect(
            error.wholeMatch(
                of:
                    /the stage used [0-9.]+ MB of memory, more than its limit of 40 MB: raise `resources\.memory`/
            ) != nil, "\(error)")
        try store.close()
    }
}
