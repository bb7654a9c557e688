import Foundation
import Testing

/// The scripts that kill, starve and cut the power, each with as much as takes some seconds. By hand they do
/// more: `Tests/Scripts/kill_each_call.sh` kills at every call, `crash.sh 1000` a thousand times.
@Suite("Crashes", .timeLimit(.minutes(10)), .serialized)
struct CrashScriptTests {
    private static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Scripts").path

    @Test(
        "After a crash at any moment no reported result is lost, and the same command completes the work",
        arguments: [
            ["kill_each_call.sh", "300"], ["crash.sh", "50"], ["full_disk.sh"],
            ["powercut.sh", "2"],
        ])
    func script(arguments: [String]) async throws {
        let tool = try Tool()
        let child = try tool.start(
            Array(arguments.dropFirst()), of: Self.scripts + "/" + arguments[0],
            environment: ["VIREO": Tool.path, "TMPDIR": tool.directory])
        let ending = await Tool.follow(child)
        #expect(ending.status?.isSuccess == true, "\(ending.text)")
        #expect(!ending.text.contains("VIOLATION"), "\(ending.text)")
        withExtendedLifetime(tool) { print(ending.lines.last ?? "") }
    }
}
