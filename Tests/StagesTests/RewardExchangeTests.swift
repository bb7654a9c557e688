import Foundation
import Stages
import TestSupport
import Testing

/// The files in which an engine asks for rewards.
@Suite("Rewards that an engine asks for", .timeLimit(.minutes(10)))
struct RewardExchangeTests {
    private let temporary: TemporaryDirectory
    private let exchange: RewardExchange

    init() throws {
        temporary = try TemporaryDirectory()
        exchange = try RewardExchange(temporary.path + "/rewards")
    }

    private func path(_ name: String) -> String { "\(temporary.path)/rewards/\(name)" }

    private func put(_ text: String, _ name: String) throws {
        try text.write(toFile: path(name), atomically: true, encoding: .utf8)
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: temporary.path + "/rewards").sorted()
    }

    @Test("Each completion gets a number, or null if it was not judged")
    func answers() throws {
        try put(
            "{\"prompt\":2,\"tokens\":[5,6]}\n{\"prompt\":0,\"tokens\":[7]}\n", "asked-12.jsonl")
        var asked: [Int: [RewardExchange.Completion]] = [:]
        try exchange.answer { step, completions in
            asked[step] = completions
            return [0.5, nil]
        }
        #expect(asked.keys.sorted() == [12])
        #expect(asked[12]?.map(\.prompt) == [2, 0])
        #expect(asked[12]?.map(\.tokens) == [[5, 6], [7]])
        #expect(try names() == ["rewards-12.jsonl"])
        #expect(
            try String(contentsOfFile: path("rewards-12.jsonl"), encoding: .utf8) == "0.5\nnull\n")
        try exchange.answer { _, _ in
            Issue.record("nothing is asked any more")
            return []
        }
    }

    @Test("A file that is still written is left alone")
    func partial() throws {
        try put("{\"prompt\":2", "asked-12.jsonl.partial")
        try put("", "asked-x.jsonl")
        try exchange.answer { _, _ in
            Issue.record("nothing is asked yet")
            return []
        }
        #expect(try names() == ["asked-12.jsonl.partial", "asked-x.jsonl"])
    }

    @Test("The engine is told that no rewards will follow, also on a full disk")
    func closed() throws {
        try put("", "asked-12.jsonl.partial")
        try exchange.close()
        #expect(!FileManager.default.fileExists(atPath: temporary.path + "/rewards"))
        #expect(throws: EngineError.self) { try exchange.close() }
    }
}
