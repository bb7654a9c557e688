import Files
import Foundation
import GRDB
import Pipeline
import Store
import TestSupport
import Testing

@Suite("Tasks of a batch system", .timeLimit(.minutes(10)))
struct SubmissionTests {
    private let temporary: TemporaryStore
    private let document = #"{"files":{},"inputs":{},"kind":"test","options":{},"version":1}"#
    private var store: Store { temporary.store }
    private var key: Digest { Digest(of: document) }

    init() throws { temporary = try TemporaryStore() }

    /// Starts the stage `a` of a new run.
    private func start() throws -> (run: RunID, execution: ExecutionID) {
        let run = try store.startRun(
            RunDescription(pipeline: "p", path: "p.yaml", source: "", program: "1"),
            stages: [.init(id: "a", name: "a", kind: "test")])
        let claim = try store.claim(
            key, document: document, kind: "test", inputs: [], for: "a", of: run, reason: "new",
            again: false)
        guard case .started(let execution, _) = claim else { throw StoreError.leaseLost }
        return (run, execution)
    }

    private func place(in run: RunID) throws -> String {
        let stage = try #require(try store.stages(run).first)
        return "\(stage.job ?? "-") \(stage.node ?? "-") \(stage.isQueued ? "queued" : "started")"
    }

    private func submit(_ name: String, place: Int) throws {
        try store.recordIntent(
            SubmissionRecord(name: name, shared: "/shared"),
            [.init(key: key, attempt: 1, place: place)])
    }

    @Test(
        "An execution has a job once the system has answered, and a node once its task has started")
    func places() throws {
        let (run, execution) = try start()
        #expect(try place(in: run) == "- - started")
        try submit("vireo-1", place: 4)
        #expect(try place(in: run) == "- - queued")
        try store.recordJob("123", of: "vireo-1")
        #expect(try place(in: run) == "123_4 - queued")
        try store.setPlace(of: key, node: "n2")
        #expect(try place(in: run) == "123_4 n2 started")
        try submit("vireo-2", place: 0)
        try store.recordJob("124", of: "vireo-2")
        #expect(try place(in: run) == "124_0 - queued")
        try store.setPlace(of: key, job: "125_0", node: "n3")
        try store.forgetSubmissions(of: key)
        try store.fail(execution, error: "it broke", usage: nil)
        // An ended execution does not change any more.
        try store.setPlace(of: key, job: "9_9", node: "n9")
        #expect(try place(in: run) == "125_0 n3 started")
    }

    @Test(
        "The seal of an execution covers its job, its node and its engine",
        arguments: ["node", "engine_version"])
    func seal(_ column: String) async throws {
        let (run, execution) = try start()
        try store.setPlace(of: key, job: "123_4", node: "n2")
        try store.setEngine(
            EngineIdentity(name: "vllm", version: "0.32.0", fingerprint: nil), of: execution)
        _ = try store.publish(execution, outputs: [], usage: nil)
        try store.finishRun(run, outcome: .done)
        let options = Verification.Options(threads: 1)
        #expect(try await Store.verify(directory: temporary.directory, options).findings == [])
        try await DatabaseQueue(path: store.layout.database).write {
            try $0.execute(sql: "UPDATE execution SET \(column) = NULL")
        }
        #expect(try await !Store.verify(directory: temporary.directory, options).findings.isEmpty)
    }
}
