import Files
import Foundation
import JSON
import Pipeline
import Report
import Store
import TestSupport
import Testing

@Suite("Stages of a run in progress", .timeLimit(.minutes(10)))
struct StageProgressTests {
    private let temporary: TemporaryStore
    private var store: Store { temporary.store }

    init() throws { temporary = try TemporaryStore() }

    @Test("A stage is queued or running, with its job and its node")
    func progress() throws {
        let names = ["waits", "local", "asked", "queued", "runs"]
        let run = try store.startRun(
            RunDescription(pipeline: "p", path: "p.yaml", source: "", program: "1"),
            stages: names.map { .init(id: $0, name: $0, kind: "test") })
        for name in names.dropFirst() {
            _ = try store.claim(
                Digest(of: name), document: "{}", kind: "test", inputs: [], for: name, of: run,
                reason: "it has never run", again: false)
        }
        try store.recordIntent(
            SubmissionRecord(name: "vireo-1", shared: "/shared"),
            [.init(key: Digest(of: "asked"), attempt: 1, place: 0)])
        try store.setPlace(of: Digest(of: "queued"), job: "123_4", node: nil)
        try store.setPlace(of: Digest(of: "runs"), job: "123_5", node: "n2")
        let stages = try store.stages(run)
        #expect(
            stages.map(RunListing.progress) == [
                "pending", "running", "queued", "queued (job 123_4)", "running (job 123_5 on n2)",
            ])
        #expect(
            stages.map(RunListing.outcome) == ["pending", "running", "queued", "queued", "running"])
        let detail = try #require(try store.stages(named: "runs").first)
        #expect(
            StageDescription(detail).text.hasPrefix(
                "runs (test), run 1: running (job 123_5 on n2)\n  why       it has never run\n"))
        let execution = try #require(detail.stage.execution)
        try store.setEngine(
            EngineIdentity(name: "vllm", version: "0.32.0", fingerprint: "vllm-0.32.0-1a"),
            of: execution)
        try store.fail(execution, error: "it broke", usage: nil)
        let ended = try #require(try store.stages(named: "runs").first)
        let text = StageDescription(ended).text
        #expect(text.hasPrefix("runs (test), run 1: failed\n"))
        #expect(text.contains("\n  where     job 123_5 on n2\n"))
        #expect(text.contains("\n  engine    vllm 0.32.0 (vllm-0.32.0-1a)\n"))
    }

    @Test("A plan says which stages a run in progress works on")
    func plan() throws {
        let kind = StageKind(
            name: "make", version: 1, summary: "Makes a file.",
            outputs: [.init("files", .files, "The file.")],
            options: [.init("text", .text, default: .string("a"), "What to write.")])
        let source = SourceFile(
            path: "p.yaml",
            text: """
                name: p
                stages:
                  queued: { uses: make }
                  runs: { uses: make, with: { text: b } }
                  new: { uses: make, with: { text: c } }
                """)
        let parsed = Pipeline.parse(source, kinds: [kind])
        let plan = try #require(
            parsed.value?.plan(digestOfFile: { try Digest(ofFile: $0) }).value)
        let run = try store.startRun(
            RunDescription(pipeline: "p", path: "p.yaml", source: "", program: "1"),
            stages: plan.stages.map { .init(id: $0.id, name: $0.name, kind: "make") })
        let entries = try Forecast(of: plan, pipeline: "p", forced: [], store: store).entries
        for entry in entries where entry.stage.id != "new" {
            let document = try #require(entry.document)
            _ = try store.claim(
                document.key, document: document.canonical, kind: "make", inputs: [],
                for: entry.stage.id, of: run, reason: "it has never run", again: false)
            try store.setPlace(
                of: document.key, job: "123_4", node: entry.stage.id == "runs" ? "n2" : nil)
        }
        let listing = PlanListing(plan: plan, pipeline: "p", forced: [])
        #expect(
            try listing.text(store: store) == """
                queued  is queued (job 123_4) in run 1
                runs    is running (job 123_4 on n2) in run 1
                new     runs because it has never run

                """)
        let json = try #require(JSONValue(json: try listing.json(store: store)))
        guard case .array(let list) = json else { throw StoreError.leaseLost }
        #expect(
            list.map { $0["open"]?.canonical } == [
                #"{"job":"123_4","node":null,"outcome":"queued","run":1}"#,
                #"{"job":"123_4","node":"n2","outcome":"running","run":1}"#, nil,
            ])
        #expect(list.map { $0["forecast"] } == Array(repeating: .string("runs"), count: 3))
    }
}
