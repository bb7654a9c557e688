import Foundation
import Processes
import Testing

/// The stages that sample and score, on servers whose answers are spoiled, and which die, hang and move: a player of
/// recorded answers, and llama-server and vLLM where they can be had. The output says which were left out.
@Suite("Faults of inference servers", .timeLimit(.minutes(10)), .serialized)
struct InferenceScriptTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Scripts/inference_faults.sh").standardizedFileURL.path

    @Test(
        "With every third answer spoiled, the artifacts are the same, and log-probabilities are those of the engine"
    )
    func faults() async throws {
        let tool = try Tool()
        let child = try tool.start(
            [], of: Self.script,
            environment: ["VIREO": Tool.path, "TMPDIR": tool.directory])
        let ending = await Tool.follow(child)
        #expect(ending.status?.isSuccess == true, "\(ending.text)")
        #expect(!ending.text.contains("VIOLATION"), "\(ending.text)")
        let skipped = ending.lines.filter { $0.hasPrefix("skipped: ") }
        withExtendedLifetime(tool) { print(skipped.joined(separator: "\n")) }
    }
}
