import Files
import Foundation
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
        try store.fail(execution, error: "it broke", usage: nil)
        let ended = try #require(try store.stages(named: "runs").first)
        let text = StageDescription(ended).text
        #expect(text.hasPrefix("runs (test), run 1: failed\n"))
        #expect(text.contains("\n  where     job 123_5 on n2\n"))
    }
}
