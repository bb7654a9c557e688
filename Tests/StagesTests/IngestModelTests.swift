import Foundation
import LanguageModel
import Pipeline
import Stages
import Testing

@Suite(.timeLimit(.minutes(10)))
struct IngestModelTests {
    private static func fixture(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/\(name)").path
    }

    /// A directory with the files of a fixture and a tokenizer of few words.
    private func model(
        _ bench: Bench, _ fixture: String, words: Int = 3
    ) throws -> String {
        let path = bench.directory + "/source"
        try FileManager.default.copyItem(atPath: Self.fixture(fixture), toPath: path)
        let tokenizer = Tokenizer(words: (0..<words).map { "w\($0)" })
        try tokenizer.write(to: path + "/tokenizer.json")
        return path
    }

    private func message(_ bench: Bench, _ path: String) async -> String {
        do {
            try await bench.run("ingest.model", as: "m", ["directory": .string(path)])
            return "no error"
        } catch { return "\(error)" }
    }

    @Test(
        "A model is copied unchanged, without files that are not part of it",
        arguments: ["qwen3-untied", "qwen2-tied", "qwen3-tied-bf16-sharded"])
    func copied(fixture: String) async throws {
        let bench = try Bench()
        let source = try model(bench, fixture)
        try "{}".write(toFile: source + "/tokenizer_config.json", atomically: true, encoding: .utf8)
        try "Hello".write(toFile: source + "/README.md", atomically: true, encoding: .utf8)
        let log = try await bench.run("ingest.model", as: "m", ["directory": .string(source)])
        let target = bench.directory + "/m/model"
        let names = try FileManager.default.contentsOfDirectory(atPath: target).sorted()
        let all = try FileManager.default.contentsOfDirectory(atPath: source).sorted()
        let left = all.filter { !names.contains($0) }
        #expect(left.contains("README.md"))
        #expect(left.allSatisfy { $0 == "README.md" || $0.hasPrefix("expected.") })
        #expect(names.contains("tokenizer_config.json"))
        #expect(
            log.events.contains {
                if case .log("left out: \(left.joined(separator: ", "))") = $0 {
                    true
                } else {
                    false
                }
            })
        for name in names {
            #expect(
                FileManager.default.contentsEqual(
                    atPath: "\(source)/\(name)", andPath: "\(target)/\(name)"))
        }
        let read = try Transformer(directory: target)
        #expect(log.last("parameters") == Double(read.layout.count))
    }

    @Test(
        "A model that cannot be used is refused before it is copied, with the file and the reason")
    func refused() async throws {
        let bench = try Bench()
        let source = try model(bench, "qwen3-untied", words: 100_000)
        let vocabulary = try ModelConfiguration(path: source + "/config.json").vocabularySize
        #expect(
            await message(bench, source)
                == "\(source)/tokenizer.json: it has 100000 tokens, config.json only \(vocabulary)")
        try FileManager.default.removeItem(atPath: source + "/tokenizer.json")
        #expect(
            await message(bench, source)
                == "cannot read \(source)/tokenizer.json: there is no such file")
        let file = source + "/model.safetensors"
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        try whole.dropLast(8).write(to: URL(fileURLWithPath: file))
        #expect(await message(bench, source).hasPrefix("\(file): the file is truncated"))
        try FileManager.default.removeItem(atPath: file)
        #expect(await message(bench, source) == "cannot read \(file): there is no such file")
        let made = try FileManager.default.contentsOfDirectory(atPath: bench.directory + "/m/model")
        #expect(made.isEmpty)
    }

    @Test("Copying ends soon after the stage is to stop")
    func cancelled() async throws {
        let bench = try Bench()
        let source = try model(bench, "qwen3-untied")
        await #expect(throws: CancellationError.self) {
            try await bench.run(
                "ingest.model", as: "m", ["directory": .string(source)], stopAfter: 0)
        }
    }
}
