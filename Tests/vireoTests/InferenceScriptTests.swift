import Foundation
import Processes
import Testing

/// The stages that sample and score, on a real vLLM whose answers are spoiled. Skipped without vLLM or vireo-http.
@Suite("Faults of inference servers", .timeLimit(.minutes(10)), .serialized)
struct InferenceScriptTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Scripts/inference_faults.sh").standardizedFileURL.path

    @Test(
        "With every third answer spoiled, the artifacts are the same, and scores are those of the engine"
    )
    func faults() async throws {
        let tool = try Tool()
        let child = try tool.start(
            [], of: Self.script,
            environment: [
                "VIREO": Tool.path, "TMPDIR": tool.directory,
                "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "",
            ])
        let ending = await Tool.follow(child)
        let isSkipped = ending.status?.outcome == .exited(77)
        #expect(isSkipped || ending.status?.isSuccess == true, "\(ending.text)")
        #expect(!ending.text.contains("VIOLATION"), "\(ending.text)")
        withExtendedLifetime(tool) { print(ending.lines.last ?? "") }
    }
}
