import Foundation
import Processes
import Testing

/// A pipeline of the paper on a Slurm cluster with a real vLLM and real trainers. Needs `VIREO_TRAINERS`, the directory
/// that `Tests/Scripts/trainers.sh install` makes, vLLM and vireo-http.
@Suite("The paper's runs with real engines", .timeLimit(.minutes(20)), .serialized)
struct PaperSmokeTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Scripts/paper_smoke.sh").standardizedFileURL.path

    @Test("A pipeline of the paper runs on two nodes, and its results are cached")
    func smoke() async throws {
        let tool = try Tool()
        let inherited = ProcessInfo.processInfo.environment
        var environment = ["VIREO": Tool.path, "PATH": inherited["PATH"] ?? ""]
        for name in ["VIREO_TRAINERS", "VLLM"] { environment[name] = inherited[name] }
        let child = try tool.start(["qwen3-8b-base"], of: Self.script, environment: environment)
        let ending = await Tool.follow(child)
        let isSkipped = ending.status?.outcome == .exited(77)
        #expect(isSkipped || ending.status?.isSuccess == true, "\(ending.text)")
        withExtendedLifetime(tool) { print(ending.text) }
    }
}
