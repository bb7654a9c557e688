import Execution
import Foundation
import Pipeline
import Store
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10)))
struct CoordinatorTests {
    private let chain = """
        name: toy
        stages:
          first: { uses: make, with: { text: hello } }
          second: { uses: copy, in: { from: first } }
        """

    @Test("Stages run after their inputs, and a second run finds both")
    func caching() async throws {
        let toy = try ToyWorker()
        let first = try await toy.run(chain)
        #expect(first.outcome == .done && first.ran == 2 && first.cached == 0)
        #expect(try toy.text("second") == "hello")
        let second = try await toy.run(chain)
        #expect(second.outcome == .done && second.ran == 0 && second.cached == 2)
        #expect(toy.ran == ["write make", "write copy"])
    }

    @Test("Stages with one key run once, and the second finds what the first made")
    func twins() async throws {
        let toy = try ToyWorker()
        let yaml = """
            name: toy
            stages:
              first: { uses: make, with: { text: same } }
              twin: { uses: make, with: { text: same } }
              both: { uses: copy, in: { from: [first, twin] } }
            """
        let summary = try await toy.run(yaml)
        #expect(summary.outcome == .done && summary.ran == 2 && summary.cached == 1)
        #expect(toy.ran == ["write make", "write copy"])
    }

    @Test("A stage that gives the same bytes leaves everything below it cached")
    func earlyCutoff() async throws {
        let toy = try ToyWorker()
        let yaml = chain.replacingOccurrences(of: "text: hello", with: "text: hello, do: constant")
        _ = try await toy.run(yaml)
        let changed = yaml.replacingOccurrences(of: "hello", with: "other")
        let summary = try await toy.run(changed)
        #expect(summary.ran == 1 && summary.cached == 1)
        #expect(toy.ran == ["constant make", "write copy", "constant make"])
    }

    @Test("A stage whose input changed starts because of what ran again, and with what")
    func reasons() async throws {
        let toy = try ToyWorker()
        let chain = self.chain + "\n  third: { uses: copy, in: { from: [second, second] } }\n"
        _ = try await toy.run(chain)
        let reasons = Mutex<[String: String]>([:])
        _ = try await toy.run(chain.replacingOccurrences(of: "hello", with: "other")) { event in
            guard case .started(let stage, let reason) = event else { return }
            reasons.withLock { $0[stage] = reason }
        }
        #expect(
            reasons.withLock { $0 } == [
                "first": "with.text hello -> other",
                "second": "in.from changed: first ran again with text hello -> other",
                "third":
                    "in.from changed: second ran again because of first: with.text hello -> other",
            ])
    }

    @Test("A stage that changes its input fails by name, and others read what was published")
    func spoiltInput() async throws {
        let toy = try ToyWorker()
        let yaml = """
            name: toy
            stages:
              first: { uses: make, with: { text: hello } }
              spoiler: { uses: copy, in: { from: first }, with: { do: spoil } }
              later: { uses: copy, needs: [spoiler], in: { from: first } }
            """
        let summary = try await toy.run(yaml)
        #expect(summary.outcome == .failed)
        let store = try toy.open()
        let error = try #require(try store.stages(summary.run)[1].error)
        #expect(error.contains("`from`") && error.contains("file"), "\(error)")
        try store.close()
        let harmless = yaml.replacingOccurrences(of: "do: spoil", with: "do: constant")
        #expect(try await toy.run(harmless).outcome == .done)
        #expect(try toy.text("later").contains("hello"))
    }

    @Test("A forced stage runs again, what reads it does not unless its bytes changed")
    func forcing() async throws {
        let toy = try ToyWorker()
        _ = try await toy.run(chain)
        let summary = try await toy.run(chain, forced: ["first"])
        #expect(summary.ran == 1 && summary.cached == 1)
    }

    @Test("Two stages with the same work do it once, even at the same time")
    func sharing() async throws {
        let toy = try ToyWorker()
        let summary = try await toy.run(
            """
            name: toy
            stages:
              left: { uses: make, with: { text: hello } }
              right: { uses: make, with: { text: hello } }
              both: { uses: copy, in: { from: [left, right] } }
            """)
        #expect(summary.outcome == .done && summary.ran == 2 && summary.cached == 1)
        #expect(toy.ran == ["write make", "write copy"])
    }

    @Test("A failed stage is recorded with its error, and what needs it is skipped")
    func failure() async throws {
        let toy = try ToyWorker()
        let yaml = chain.replacingOccurrences(of: "text: hello", with: "do: fail")
        let summary = try await toy.run(yaml)
        #expect(summary.outcome == .failed && summary.failed == 1 && summary.skipped == 1)
        let store = try toy.open()
        let stages = try store.stages(summary.run)
        #expect(stages.map(\.outcome) == [.failed, .skipped])
        #expect(stages[0].error == "the toy broke")
        #expect(stages[1].reason == "a stage that it depends on did not finish")
    }

    @Test("Stages that do not need a failed one run when asked to keep going")
    func keepingGoing() async throws {
        let yaml = """
            name: toy
            stages:
              bad: { uses: make, with: { do: fail } }
              good: { uses: make, with: { text: fine } }
              after: { uses: copy, in: { from: good } }
              below: { uses: copy, in: { from: bad } }
            """
        let toy = try ToyWorker()
        let summary = try await toy.run(yaml, cores: 1, keepsGoing: true)
        #expect(summary.outcome == .failed)
        #expect(summary.ran == 2 && summary.failed == 1 && summary.skipped == 1)
    }

    @Test("The last engine that a stage reports is recorded with its result, and none for others")
    func engine() async throws {
        let toy = try ToyWorker()
        let summary = try await toy.run(
            chain.replacingOccurrences(of: "text: hello", with: "do: serve"))
        let store = try toy.open()
        #expect(
            try store.stages(summary.run).map(\.engine) == [
                EngineIdentity(name: "vllm", version: "0.32.0", fingerprint: "a, b"), nil,
            ])
    }

    @Test("A worker that is killed fails its stage alone")
    func killedWorker() async throws {
        let toy = try ToyWorker()
        let summary = try await toy.run(
            chain.replacingOccurrences(of: "text: hello", with: "do: die"))
        #expect(summary.outcome == .failed)
        let store = try toy.open()
        #expect(
            try store.stages(summary.run)[0].error == "the worker process was killed by signal 9")
    }

    @Test("The next attempt finds the work directory, and no point of a series is there twice")
    func resuming() async throws {
        let toy = try ToyWorker()
        let yaml = "name: toy\nstages:\n  first: { uses: make, with: { do: resume } }\n"
        #expect(try await toy.run(yaml).outcome == .failed)
        let events = Mutex<[RunEvent]>([])
        let second = try await toy.run(yaml) { event in events.withLock { $0.append(event) } }
        #expect(second.outcome == .done)
        #expect(
            events.withLock { $0 }.contains(
                .started(stage: "first", reason: "resumes after step 1")))
        #expect(events.withLock { $0 }.contains(.resumed(stage: "first", step: 1)))
        #expect(try toy.text("first") == "half\n")
        let store = try toy.open()
        let execution = try #require(try store.stages(second.run)[0].execution)
        #expect(
            try store.metrics(execution) == [
                MetricPoint(name: "loss", step: 1, value: 0.5),
                MetricPoint(name: "loss", step: 2, value: 0.25),
            ])
    }

    @Test("A cancelled run stops its workers and says so")
    func cancellation() async throws {
        let toy = try ToyWorker()
        let yaml = chain.replacingOccurrences(of: "text: hello", with: "do: hang")
        let (started, continuation) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await toy.run(yaml) { event in
                if case .started = event { continuation.yield() }
            }
        }
        for await _ in started { break }
        task.cancel()
        let summary = try await task.value
        #expect(summary.outcome == .cancelled)
        let store = try toy.open()
        #expect(try store.stages(summary.run).map(\.outcome) == [.cancelled, .skipped])
    }

    @Test("Two runners on one store do each stage once, and both end well")
    func twoRunners() async throws {
        let toy = try ToyWorker()
        let yaml = chain.replacingOccurrences(of: "text: hello", with: "text: hello, do: slowly")
        async let one = toy.run(yaml)
        async let other = toy.run(yaml)
        let summaries = try await [one, other]
        #expect(summaries.map(\.outcome) == [.done, .done])
        #expect(summaries.map(\.ran).reduce(0, +) == 2)
        #expect(summaries.map(\.cached).reduce(0, +) == 2)
        #expect(toy.ran.sorted() == ["slowly make", "write copy"])
    }

    @Test(
        "Finished outputs for which the disk had no room are published by the next run without repeating the work"
    )
    func fullDisk() async throws {
        let toy = try ToyWorker()
        let full = try Store.open(
            directory: toy.directory + "/store", mode: .readWrite,
            files: FaultyFiles(write: FaultyFiles.full))
        let first = try await toy.run(chain, in: full)
        #expect(first.outcome == .failed && first.failed == 1)
        let store = try toy.open()
        _ = try store.collect(.init())
        try store.close()
        let second = try await toy.run(chain)
        #expect(second.outcome == .done)
        #expect(toy.ran == ["write make", "write copy"])
        #expect(try toy.text("second") == "hello")
    }

    @Test("Outputs that wait for their publication and were changed are made again")
    func changedOutputs() async throws {
        let toy = try ToyWorker()
        let full = try Store.open(
            directory: toy.directory + "/store", mode: .readWrite,
            files: FaultyFiles(write: FaultyFiles.full))
        _ = try await toy.run(chain, in: full)
        let work = toy.directory + "/store/work"
        let names = try FileManager.default.subpathsOfDirectory(atPath: work)
        let file = try #require(names.first { $0.hasSuffix("/files/file") })
        try "other".write(toFile: work + "/" + file, atomically: true, encoding: .utf8)
        _ = try await toy.run(chain)
        #expect(toy.ran == ["write make", "write make", "write copy"])
        #expect(try toy.text("second") == "hello")
    }

    @Test("Heartbeats continue while every publication is blocked for longer than a lease")
    func longPublications() async throws {
        let toy = try ToyWorker()
        let arrived = Atomic(0)
        let isReleased = Atomic(false)
        let identity = HostClock.current.identity
        let time = Mutex(0)
        var kernel = HostClock.current
        kernel.milliseconds = { time.withLock { $0 } }
        let store = try Store.open(
            directory: toy.directory + "/store", mode: .readWrite,
            files: FaultyFiles(write: {
                arrived.add(1, ordering: .relaxed)
                while !isReleased.load(ordering: .relaxed) { usleep(1000) }
            }), lease: .milliseconds(60), kernel: kernel)
        let yaml = (0..<3).map { "  s\($0): { uses: make, with: { text: t\($0) } }\n" }.joined()
        async let run = toy.run("name: toy\nstages:\n" + yaml, cores: 3, in: store)
        // A runner of another namespace knows nothing but the signs of life.
        var elsewhere = kernel
        elsewhere.identity.namespace = "another"
        elsewhere.identity.process = identity.process + 1
        let other = try Store.open(
            directory: toy.directory + "/store", mode: .readOnly, lease: .milliseconds(60),
            kernel: elsewhere)
        while arrived.load(ordering: .relaxed) < 3 { try await Task.sleep(for: .milliseconds(1)) }
        for _ in 0..<5 {
            let before = time.withLock { time in
                time += 50
                return time
            }
            while try other.runners().first?.runner.beat != before {
                try await Task.sleep(for: .milliseconds(1))
            }
            #expect(try other.runners().map(\.isAlive) == [true])
        }
        isReleased.store(true, ordering: .relaxed)
        #expect(try await run.ran == 3)
    }
}
