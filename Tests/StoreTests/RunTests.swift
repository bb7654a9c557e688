import Files
import Foundation
import GRDB
import Pipeline
import Store
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct RunTests {
    private let temporary: TemporaryStore
    private var store: Store { temporary.store }

    init() throws { temporary = try TemporaryStore() }

    private func run(_ stages: [String]) throws -> RunID {
        try store.startRun(
            RunDescription(
                pipeline: "demo", path: "demo.yaml", source: "name: demo\n",
                params: ["seed": .integer(1), "rate": .number(0.5)], revision: "abc",
                program: "1.0", machine: ["cpu": .string("x")]),
            stages: stages.map { .init(id: $0, name: String($0.prefix(1)), kind: "test") })
    }

    @Test("A run is recorded with its parameters and stages in the plan's order")
    func start() throws {
        let id = try run(["b", "a"])
        #expect(try temporary.query("SELECT name, value FROM param") == ["rate|0.5", "seed|1"])
        #expect(try store.stages(id).map(\.id) == ["b", "a"])
        #expect(try store.stages(id).map(\.outcome) == [.pending, .pending])
        let record = try #require(try store.runs().first)
        #expect(record.outcome == "running")
        #expect(record.stages == 2 && record.missing == 2)
        try store.finishRun(id, outcome: .done)
        #expect(
            try temporary.query("SELECT outcome, started, finished, machine FROM run")
                == [
                    "done|2023-11-14T22:13:20.000Z|2023-11-14T22:13:20.000Z|{\"cpu\":\"x\"}"
                ])
    }

    @Test("A stage shows its execution with inputs, outputs and last metrics")
    func details() throws {
        let made = try temporary.publish([("out", .files, ["a": "aa"])], kind: "maker")
        let id = try run(["a", "b[x=1]"])
        let edge = InputEdge("data", made, "out")
        let (execution, attempt) = try store.startExecution(
            key: Digest(of: "key"), document: #"{"kind":"test"}"#, kind: "test", inputs: [edge])
        #expect(attempt == 1)
        try store.appendMetrics(
            execution,
            [
                .init(name: "loss", step: 1, value: 3), .init(name: "loss", step: 2, value: 2),
                .init(name: "rate", step: 1, value: .infinity),
            ])
        try DatabaseQueue(path: store.layout.database).write {
            try $0.execute(
                sql: """
                    INSERT INTO event (run, execution, time, kind, text)
                    VALUES (?, ?, '1970-01-01T00:00:00.000Z', 'started', 'b')
                    """, arguments: [id.rawValue, execution.rawValue])
        }
        try store.recordStage(
            id, stage: "b[x=1]", outcome: .pending, execution: execution, reason: "it has never run"
        )
        let outputs = try store.publish(
            execution,
            outputs: [
                .init(name: "o", type: .files, directory: try temporary.directory(["x": "xyz"]))
            ],
            usage: Usage(cpuSeconds: 2, peakMemory: 1024))
        try store.recordStage(
            id, stage: "b[x=1]", outcome: .ran, execution: execution, reason: "it has never run")

        let detail = try #require(try store.stages(named: "b").first)
        #expect(detail.stage.id == "b[x=1]")
        #expect(detail.stage.outcome == .ran)
        #expect(detail.stage.reason == "it has never run")
        #expect(detail.stage.key == Digest(of: "key"))
        #expect(detail.stage.cpuSeconds == 2 && detail.stage.peakMemory == 1024)
        #expect(detail.document == #"{"kind":"test"}"#)
        let input = try #require(detail.inputs.first)
        #expect(detail.inputs.count == 1)
        #expect(input.name == "data" && input.position == 0 && input.artifact == edge.artifact)
        #expect(input.producerKind == "maker" && input.producer == made.id && input.output == "out")
        #expect(detail.outputs.map(\.name) == ["o"])
        #expect(detail.outputs.map(\.bytes) == [3])
        #expect(detail.outputs.map(\.type) == [.files])
        #expect(detail.metrics.map(\.name) == ["loss", "rate"])
        #expect(detail.metrics[0].value == 2 && detail.metrics[1].value == .infinity)
        #expect(
            detail.events.map(\.time) == ["1970-01-01T00:00:00.000Z", "2023-11-14T22:13:20.000Z"])
        #expect(detail.events.map(\.kind) == ["started", "finished"])
        #expect(try store.stages(named: "b[x=1]").count == 1)
        #expect(try store.stages(named: "none").isEmpty)
        #expect(try store.latestOutputs(ofStage: "b") == outputs)
        #expect(try store.latestOutputs(ofStage: "a") == [:])
        #expect(
            try store.lastDocument(pipeline: "demo", stage: "b[x=1]") == #"{"kind":"test"}"#)
        #expect(try store.lastDocument(pipeline: "other", stage: "b[x=1]") == nil)
    }

    @Test("The next attempt resumes from the last checkpoint, and each keeps its own series")
    func resumed() throws {
        let key = Digest(of: "key")
        let first = try temporary.start(key: key)
        try store.appendMetrics(
            first, (1...4).map { .init(name: "loss", step: $0, value: Double($0)) }, checkpoint: 2)
        #expect(try store.checkpoint(key) == nil)
        try store.cancel(first, usage: nil)
        #expect(try store.checkpoint(key) == 2)
        let second = try temporary.start(key: key)
        try store.appendMetrics(second, [.init(name: "loss", step: 3, value: 30)])
        #expect(try store.metrics(first).map(\.value) == [1, 2, 3, 4])
        #expect(try store.metrics(second).map(\.value) == [30])
    }

    @Test("What a dead process left running is marked when the store is opened again")
    func recovery() throws {
        let id = try run(["a"])
        let execution = try temporary.start()
        try store.appendMetrics(execution, [], checkpoint: 7)
        try store.recordStage(
            id, stage: "a", outcome: .pending, execution: execution, reason: nil)
        let copy = temporary.root + "/copy"
        try FileManager.default.copyItem(atPath: temporary.directory, toPath: copy)
        for (name, age) in [(".new-left", 3601.0), (".new-growing", 3599)] {
            _ = FileManager.default.createFile(
                atPath: copy + "/objects/" + name, contents: nil,
                attributes: [.modificationDate: Date(timeIntervalSinceNow: -age)])
        }

        var later = HostClock.current
        later.identity.boot = "the next one"
        let reopened = try Store.open(
            directory: copy, mode: .readWrite, kernel: later)
        #expect(try reopened.runs().map(\.outcome) == ["interrupted"])
        let stage = try #require(try reopened.stages(id).first)
        #expect(stage.outcome == .failed)
        #expect(stage.error == "interrupted")
        #expect(try reopened.checkpoint(Digest(of: "key 1")) == 7)
        // Whoever only looks after the store, such as `vireo gc`, counts what it removes.
        #expect(temporary.files(copy + "/objects") == [".new-growing", ".new-left"])
        _ = try reopened.registered()
        #expect(temporary.files(copy + "/objects") == [".new-growing"])
        try reopened.close()
    }

    @Test("A failed execution keeps its error and what it used")
    func failed() throws {
        let execution = try temporary.start()
        try store.fail(execution, error: "boom", usage: Usage(cpuSeconds: 1, peakMemory: 2))
        #expect(
            try temporary.query("SELECT state, error, cpu_seconds, peak_memory FROM execution")
                == ["failed|boom|1.0|2"])
    }
}
