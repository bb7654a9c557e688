import Foundation
import Testing

/// Real training engines, which are killed at random moments. Needs `VIREO_TRAINERS`, the directory that
/// `Tests/Scripts/trainers.sh install` makes.
@Suite("Training engines", .timeLimit(.minutes(10)), .serialized)
struct TrainersTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Scripts/trainers.sh").path

    @Test(
        "A training that is interrupted gives the bits of one without interruption",
        arguments: ["weighted", "weighted-2", "llama-factory", "trl-sft", "trl-grpo"])
    func interrupted(engine: String) async throws {
        let tool = try Tool()
        let trainers = ProcessInfo.processInfo.environment["VIREO_TRAINERS"] ?? ""
        let environment = ["VIREO": Tool.path, "KILLS": "2", "VIREO_TRAINERS": trainers]
        let child = try tool.start([engine], of: Self.script, environment: environment)
        let ending = await Tool.follow(child)
        if ending.status?.outcome == .exited(77) {
            print("skipped, \(engine): \(ending.lines.last ?? "")")
            return
        }
        #expect(ending.status?.isSuccess == true, "\(ending.text)")
        withExtendedLifetime(tool) { print(ending.text) }
    }
}
