import Files
import Foundation
import Pipeline
import Store
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct HistoryTests {
    private let temporary: TemporaryStore
    private var store: Store { temporary.store }

    init() throws { temporary = try TemporaryStore() }

    /// Finishes an execution of `key` with one output.
    private func finish(_ key: Digest, _ text: String) throws -> (ExecutionID, Digest) {
        let id = try temporary.start(key: key)
        let outputs = try store.publish(
            id,
            outputs: [
                .init(name: "out", type: .files, directory: try temporary.directory(["a": text]))
            ], usage: nil)
        return (id, try #require(outputs["out"]))
    }

    @Test("Many keys are looked up at once; keys without an execution are absent")
    func manyKeys() throws {
        let keys = (0..<4).map { Digest(of: "key \($0)") }
        let first = try finish(keys[0], "a")
        let second = try finish(keys[1], "b")
        try store.fail(try temporary.start(key: keys[2]), error: "no", usage: nil)
        let found = try store.finishedExecutions(keys)
        #expect(Set(found.keys) == [keys[0], keys[1]])
        #expect(found[keys[0]]?.id == first.0 && found[keys[1]]?.id == second.0)
        #expect(found[keys[0]]?.outputs == ["out": first.1])
        #expect(found[keys[1]]?.isPresent == true)
        try FileManager.default.removeItem(atPath: store.layout.object(second.1))
        #expect(try store.finishedExecutions(keys)[keys[1]]?.isPresent == false)
        #expect(try store.finishedExecutions(keys)[keys[0]]?.isPresent == true)
        #expect(try store.finishedExecutions([]).isEmpty)
    }

    @Test("A forced second execution answers its key, and so does one without outputs")
    func secondAnswer() throws {
        let key = Digest(of: "key")
        _ = try finish(key, "a")
        let second = try finish(key, "b")
        #expect(try store.finishedExecutions([key, key])[key]?.id == second.0)
        let empty = Digest(of: "empty")
        let id = try temporary.start(key: empty)
        #expect(try store.publish(id, outputs: [], usage: nil) == [:])
        #expect(try store.finishedExecutions([empty])[empty]?.id == id)
        #expect(try store.finishedExecution(empty)?.outputs == [:])
    }

    private func run(_ pipeline: String, _ stages: [String]) throws -> RunID {
        try store.startRun(
            RunDescription(pipeline: pipeline, path: "p.yaml", source: "", program: "1"),
            stages: stages.map { .init(id: $0, name: $0, kind: "test") })
    }

    /// A finished execution that a stage of a run uses.
    private func settle(
        _ run: RunID, _ stage: String, _ key: Digest, _ document: String, _ text: String,
        inputs: [InputEdge] = []
    ) throws -> (id: ExecutionID, outputs: [String: Digest]) {
        let id = try store.startExecution(
            key: key, document: document, kind: "test", inputs: inputs
        ).id
        try store.recordStage(run, stage: stage, outcome: .pending, execution: id, reason: nil)
        let outputs = try store.publish(
            id,
            outputs: [
                .init(name: "out", type: .files, directory: try temporary.directory(["a": text]))
            ], usage: nil)
        try store.recordStage(run, stage: stage, outcome: .ran, execution: id, reason: "r")
        return (id, outputs)
    }

    @Test(
        "The last execution of each stage of a pipeline is its history, with the answer to its key")
    func lastExecutions() throws {
        let keys = (0..<4).map { Digest(of: "key \($0)") }
        let first = try run("p", ["a", "b"])
        let a = try settle(first, "a", keys[0], "{1}", "a")
        _ = try settle(first, "b", keys[1], "{2}", "b")
        let other = try run("other", ["a"])
        _ = try settle(other, "a", keys[2], "{3}", "c")
        let second = try run("p", ["a", "b"])
        let failed = try store.startExecution(
            key: keys[3], document: "{4}", kind: "test", inputs: []
        ).id
        try store.appendMetrics(failed, [], checkpoint: 7)
        try store.recordStage(second, stage: "b", outcome: .pending, execution: failed, reason: nil)
        try store.fail(failed, error: "no luck", usage: nil)

        let memory = PipelineMemory(store, pipeline: "p")
        let history = try memory.history(of: ["a", "b", "c"])
        #expect(history.last.keys.sorted() == ["a", "b"])
        #expect(
            history.last["a"]
                == .init(
                    origin: .executed(run: first.rawValue, execution: a.id.rawValue),
                    document: "{1}"))
        #expect(
            history.last["b"]
                == .init(
                    origin: .executed(run: second.rawValue, execution: failed.rawValue),
                    document: "{4}", error: "no luck"))
        #expect(history.answers[keys[0]] == .init(outputs: a.outputs))
        #expect(history.answers[keys[3]] == .init(checkpoint: 7))
        #expect(try memory.answers(to: [keys[2]])[keys[2]]?.outputs?.count == 1)
        #expect(try memory.answers(to: [Digest(of: "none")]).isEmpty)
        try FileManager.default.removeItem(
            atPath: store.layout.object(try #require(a.outputs["out"])))
        #expect(try memory.answers(to: [keys[0]])[keys[0]]?.missing == ["out"])
    }

    @Test("A lineage goes up to where everything begins, with the names that the run gave")
    func lineage() throws {
        let first = try run("p", ["a", "twin", "b"])
        let a = try settle(first, "a", Digest(of: "a"), "{1}", "a")
        try store.recordStage(first, stage: "twin", outcome: .cached, execution: a.id, reason: nil)
        let edge = InputEdge("data", (a.id, a.outputs), "out")
        let b = try settle(first, "b", Digest(of: "b"), "{2}", "b", inputs: [edge])
        let origin = Lineage.Origin.executed(run: first.rawValue, execution: b.id.rawValue)
        let above = Lineage.Origin.executed(run: first.rawValue, execution: a.id.rawValue)
        let lineage = try store.lineage(of: [origin])
        #expect(Set(lineage.nodes.keys) == [origin, above])
        #expect(lineage.nodes[above]?.names == ["a", "twin"])
        #expect(lineage.nodes[above]?.document == "{1}")
        #expect(lineage.nodes[origin]?.inputs == ["data": [.init(origin: above, output: "out")]])
        #expect(try store.lineage(of: []).nodes.isEmpty)
    }

    @Test("Only like work tells the time of a stage, also if it is not that of the last run")
    func recordedSeconds() throws {
        func document(steps: Int, seed: Int) -> String {
            #"{"files":{},"inputs":{},"kind":"k","options":{"seed":\#(seed),"steps":\#(steps)},"version":1}"#
        }
        func work(steps: Int, seed: Int) throws -> LikeWork {
            try #require(LikeWork(document: document(steps: steps, seed: seed)))
        }
        let clock = Mutex(1_700_000_000.0)
        let temporary = try TemporaryStore {
            Date(timeIntervalSince1970: clock.withLock { $0 })
        }
        let store = temporary.store
        for (steps, seconds) in [(100, 60.0), (100, 50), (1, 2)] {
            let run = try store.startRun(
                RunDescription(pipeline: "p", path: "p.yaml", source: "", program: "1"),
                stages: [.init(id: "a", name: "a", kind: "k")])
            let id = try store.startExecution(
                key: Digest(of: "\(steps) \(seconds)"), document: document(steps: steps, seed: 1),
                kind: "k", inputs: []
            ).id
            clock.withLock { $0 += seconds }
            _ = try store.publish(id, outputs: [], usage: nil)
            try store.recordStage(run, stage: "a", outcome: .ran, execution: id, reason: nil)
        }
        func recorded(_ stage: String, steps: Int, in pipeline: String = "p") throws -> Double? {
            let seconds = try store.recordedSeconds(
                of: [stage: work(steps: steps, seed: 2)], in: pipeline)
            return seconds[stage]?.rounded()
        }
        #expect(try recorded("a", steps: 100) == 50)
        #expect(try recorded("a", steps: 1) == 2)
        #expect(try recorded("a", steps: 7) == nil)
        #expect(try recorded("b", steps: 1) == nil)
        #expect(try recorded("a", steps: 1, in: "other") == nil)
    }
}
