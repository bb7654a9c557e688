import Foundation
import Pipeline
import Stages
import Testing

/// The pipelines that come with the project, as they stand.
@Suite(.timeLimit(.minutes(10)))
struct PipelineFilesTests {
    private static let directory =
        URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path + "/pipelines"

    private func checked(_ name: String, _ overrides: [String: String]) throws -> Checked<Pipeline>
    {
        let path = "\(Self.directory)/\(name).yaml"
        return Pipeline.parse(
            SourceFile(path: path, text: try String(contentsOfFile: path, encoding: .utf8)),
            kinds: StageRegistry.kinds, overrides: overrides)
    }

    @Test(
        "Every pipeline is without a mistake, the studies for both tasks",
        arguments: [
            ("quickstart", [:]), ("smoke", [:]), ("comparison", ["task": "countdown"]),
            ("comparison", ["task": "modular"]), ("replication", ["task": "countdown"]),
            ("replication", ["task": "modular"]),
        ])
    func mistakes(_ name: String, _ overrides: [String: String]) throws {
        let checked = try checked(name, overrides)
        #expect(checked.value != nil && checked.diagnostics.isEmpty, "\(checked.diagnostics)")
    }
}
