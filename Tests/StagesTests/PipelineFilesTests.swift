import Files
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
            kinds: StageRegistry.kinds, overrides: overrides, contents: SourceFile.contents)
    }

    private func plan(_ name: String, _ overrides: [String: String] = [:]) throws -> Plan {
        let pipeline = try #require(try checked(name, overrides).value)
        return try #require(pipeline.plan { Digest(of: $0) }.value)
    }

    /// The key that each stage would have if every artifact was digested to its own key and name.
    private func keys(_ plan: Plan) -> [String: Digest] {
        var keys: [String: Digest] = [:]
        for stage in plan.stages {
            let inputs = stage.inputs.mapValues { references in
                references.map { Digest(of: "\(keys[$0.stage]?.hex ?? "") \($0.output)") }
            }
            keys[stage.id] = stage.keyDocument(inputs: inputs).key
        }
        return keys
    }

    @Test(
        "Every pipeline file is valid, and the replication is valid for both tasks",
        arguments: [
            ("quickstart", [:]), ("smoke", [:]), ("code", [:]),
            ("replication", ["task": "countdown"]),
            ("replication", ["task": "modular"]),
        ])
    func mistakes(_ name: String, _ overrides: [String: String]) throws {
        let checked = try checked(name, overrides)
        #expect(checked.value != nil && checked.diagnostics.isEmpty, "\(checked.diagnostics)")
    }

    @Test(
        "The target `comparison` is a part of the replication"
    )
    func comparison() throws {
        let path = "\(Self.directory)/replication.yaml"
        let pipeline = try #require(try checked("replication", [:]).value)
        let whole = try plan("replication")
        let names = try #require(pipeline.targets["comparison"], "\(path)")
        let ids = names.flatMap { whole.instances(of: $0) }.map(\.id)
        let part = whole.restricted(to: Set(ids))
        let all = keys(whole)
        #expect(keys(part).allSatisfy { all[$0.key] == $0.value })
        #expect(Set(part.stages.map(\.id)).isStrictSubset(of: Set(all.keys)))
        let arms = Set(part.stages.compactMap { $0.name.split(separator: "/").first })
        #expect(arms.isSuperset(of: ["mixed", "no_hint", "ratio_only", "rft_test"]))
        #expect(arms.isDisjoint(with: ["unmixed", "k", "round", "reverse", "gradients"]))
    }

    @Test("A smaller comparison shares all that does not depend on the number of traces drawn")
    func smaller() throws {
        let whole = keys(try plan("replication"))
        let small = keys(try plan("replication", ["drawn": "8"]))
        let shared = small.filter { whole[$0.key] == $0.value }.keys
        #expect(
            ["base[seed=0]", "posterior[seed=4]", "no_hint/final[seed=1]"].allSatisfy {
                shared.contains($0)
            })
        #expect(!shared.contains("draw/drawn[seed=0]"))
    }
}
