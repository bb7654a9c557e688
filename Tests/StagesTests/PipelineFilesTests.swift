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

    /// The paper's runs, with the number of their posteriors.
    private static let paperRuns = [
        ("qwen3-4b-base", 1), ("qwen3-8b-base", 1), ("qwen2.5-7b-instruct", 2),
        ("qwen2.5-32b-instruct", 1), ("qwen2.5-7b-instruct-1k", 0),
    ]

    @Test(
        "The paper's runs are valid at all scales, from both starts, without the data",
        arguments: paperRuns.map { $0.0 },
        [("scale", "paper"), ("scale", "smoke"), ("scale", "toy"), ("start", "initial")])
    func paperFiles(_ name: String, _ setting: (String, String)) throws {
        let overrides = [setting.0: setting.1, "data": "/nowhere"]
        let checked = try checked("paper/\(name)", overrides)
        #expect(checked.value != nil && checked.diagnostics.isEmpty, "\(checked.diagnostics)")
        let pipeline = try #require(checked.value)
        let planned = pipeline.plan { path in
            guard !path.hasPrefix("/nowhere") else { throw POSIXError(.ENOENT) }
            return Digest(of: path)
        }
        let plan = try #require(planned.value)
        let missing = Set(plan.stages.flatMap(\.missing).map(\.path))
        #expect(missing.count == (["smoke", "toy"].contains(setting.1) ? 0 : 11), "\(missing)")
    }

    @Test("The paper's runs have the sizes that the paper states", arguments: paperRuns.dropLast())
    func sizes(_ name: String, templates: Int) throws {
        let plan = try plan("paper/\(name)", ["data": "/nowhere"])
        let works = zip(plan.stages, plan.stages.work()).filter { stage, _ in
            !stage.id.hasPrefix("unhinted")
        }
        /// The rows of the outputs of all stages of a kind with such an output, and their steps.
        func figures(_ kind: String, _ output: String) -> [Amount] {
            works.compactMap { stage, work in
                stage.kind.name == kind ? work.outputs[output]?.rows : nil
            }
        }
        let steps = works.filter { $0.0.kind.name == "train.external" }
            .compactMap { $0.1.steps.value }
        func each(_ amount: Amount, _ count: Int) -> [Amount] {
            Array(repeating: amount, count: count * templates)
        }
        #expect(figures("sample.traces", "traces") == each(133_680, 1))
        #expect(figures("score", "scores") == each(133_680, 2))
        #expect(figures("sample.answers", "answers") == each(1_069_440, 1))
        #expect(figures("verify", "verdicts") == each(1_069_440, 1))
        #expect(figures("build.dataset", "data") == each(33_420, 2))
        #expect(steps.filter { $0 == 522 }.count == 1 + 2 * templates)
        #expect(steps.filter { $0 == 10_444 }.count == templates)
        // Each model has 511 programming questions with 8 programs each, and 1,000 + 1,348 + 3,200 + 1,584 + 12,032
        // other completions.
        #expect(
            figures("evaluate", "evaluation").reduce(0) { $0 + $1 }
                == Amount((2 + 2 * templates) * (511 * 8 + 19_164)))
    }

    @Test("Examples are cut as in the paper", arguments: paperRuns.map { $0.0 })
    func cutoffs(_ name: String) throws {
        let trained = try plan("paper/\(name)", ["data": "/nowhere"]).stages.filter {
            $0.kind.name == "train.external"
        }
        #expect(trained.count > 3)
        for stage in trained {
            let isLong = name.hasSuffix("1k") && stage.name != "posterior/train"
            #expect(
                stage.options.values["cutoff_length"] == .integer(isLong ? 32_768 : 16_384),
                "\(stage.id)")
        }
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
