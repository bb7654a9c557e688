import Foundation
import GRDB
import Pipeline
import Store
import Testing

/// One id names one question in a whole store.
@Suite("Ids of questions", .timeLimit(.minutes(10)))
struct QuestionTests {
    private let small: SmallStore
    private let run: RunID

    init() throws {
        small = try SmallStore(filled: false)
        run = try small.start("p", ["a", "b", "c"] + (0..<6).map { "b\($0)" })
    }

    private func make(_ stage: String, _ lines: String..., again: Bool = false) throws {
        try small.make(
            stage, of: run,
            [("o", .questions, ["questions.jsonl": lines.map { $0 + "\n" }.joined()])],
            again: again)
    }

    private func line(
        _ text: String = "1+1?", answer: String = "\"2\"", level: String = "1",
        source: String = "s", task: String = "t"
    ) -> String {
        #"{"id":"q1","task":"\#(task)","text":"\#(text)","answer":\#(answer),"level":\#(level),"split":"train","source":"\#(source)"}"#
    }

    @Test("The same question may be in any number of outputs")
    func same() async throws {
        try make("a", line())
        try make("b", line())
        try small.store.finishRun(run, outcome: .done)
        let verification = try await Store.verify(directory: small.directory, .init(threads: 1))
        #expect(verification.findings == [])
    }

    @Test("Another question with its id is refused with the stage that has the first one")
    func others() throws {
        try make("a", line())
        for (place, other) in [
            line("2+2?"), line(answer: "\"3\""), line(answer: "null"), line(source: "u"),
            line(task: "u"), line(level: "2"),
        ].enumerated() {
            let error = #expect(throws: StoreError.self) { try make("b\(place)", other) }
            #expect(
                error?.description.contains(
                    "output o of stage p: a has question 'q1' with a different text, answer, level or source"
                ) == true, "\(other)")
        }
        #expect(throws: StoreError.self) { try make("c", line(), line("2+2?")) }
    }

    @Test("A later output may tell the level")
    func levels() async throws {
        try make("a", line(level: "null"))
        try make("b", line(level: "3"))
        try make("c", line(level: "null"))
        try small.store.finishRun(run, outcome: .done)
        let verification = try await Store.verify(directory: small.directory, .init(threads: 1))
        #expect(verification.findings == [])
    }

    @Test("A question that an archive has otherwise is found, even if another archive has it so")
    func found() async throws {
        try make("a", line())
        try make("b", line())
        try small.store.close()
        let queue = try DatabaseQueue(path: small.directory + "/vireo.db")
        try await queue.write {
            try $0.execute(sql: "UPDATE question SET text = 'Capital of France?'")
        }
        try queue.close()
        let verification = try await Store.verify(directory: small.directory, .init(threads: 1))
        #expect(verification.findings.contains { $0.damage.kind == "question" })
    }
}
