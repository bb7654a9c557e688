import Foundation
import Testing

/// A real Slurm of this machine, with every node in a network namespace, whose parts fail while a pipeline runs. Needs
/// root, slurm-wlm, munge and iproute2, which `make test` installs for root.
@Suite("Slurm", .timeLimit(.minutes(10)), .serialized)
struct SlurmTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Scripts/slurm_faults.sh").path

    @Test(
        "Whatever part of a cluster fails, the artifacts are those of a local run, and no stage is submitted twice"
    )
    func faults() async throws {
        let tool = try Tool()
        let child = try tool.start([], of: Self.script, environment: ["VIREO": Tool.path])
        let ending = await Tool.follow(child)
        if ending.status?.outcome == .exited(77) {
            print("skipped, 7 faults of Slurm: \(ending.lines.last ?? "")")
            return
        }
        #expect(ending.status?.isSuccess == true, "\(ending.text)")
        withExtendedLifetime(tool) { print(ending.text) }
    }
}
