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

    /// The stages of a target of the replication, with their keys.
    private func replication(
        _ target: String, _ overrides: [String: String] = [:]
    ) throws -> [String: Digest] {
        let pipeline = try #require(try checked("replication", overrides).value)
        let whole = try plan("replication", overrides)
        let names = try #require(pipeline.targets[target])
        let ids = names.flatMap { whole.instances(of: $0) }.map(\.id)
        return keys(whole.restricted(to: Set(ids)))
    }

    @Test(
        "The primary comparison is the method, its rival and the prior, each at three temperatures")
    func primary() throws {
        let stages = try replication("default")
        let names = Set(stages.keys.map { $0.split(separator: "[")[0] })
        #expect(
            Set(names.compactMap { $0.split(separator: "/").first }) == [
                "questions", "comparison", "main_traces", "primary_claims",
                "primary_cool_claims", "primary_greedy_claims",
            ])
        #expect(names.count { $0.hasSuffix("/greedy") } == 3)
    }

    @Test(
        "Every other target goes on from the comparison of the default target, seed by seed",
        arguments: ["shares", "baselines", "ablations", "rounds", "budgets", "mechanisms"])
    func goesOn(_ target: String) throws {
        let primary = try replication("default")
        let stages = try replication(target, ["seeds": "[0, 1]"])
        let shared = Set(stages.values).intersection(primary.values)
        let bases = primary.filter { $0.key.hasPrefix("comparison/base[") }.map(\.value)
        #expect(shared.intersection(bases).count == 2)
        #expect(stages.values.contains { !primary.values.contains($0) })
    }

    @Test(
        "Every final model chooses its learning rate on the validation questions, and none on the test"
    )
    func selection() throws {
        let whole = try plan("replication", ["seeds": "[0]"])
        let byID = Dictionary(uniqueKeysWithValues: whole.stages.map { ($0.id, $0) })
        let selections = whole.stages.filter { $0.kind.name == "select.model" }
        #expect(selections.count > 30)
        for stage in selections {
            let evaluations = stage.inputs["evaluations"] ?? []
            #expect(evaluations.count == 3, "\(stage.id)")
            for evaluation in evaluations {
                let questions = byID[evaluation.stage]?.inputs["questions"] ?? []
                #expect(questions.map(\.output) == ["validation"], "\(evaluation.stage)")
            }
        }
    }

    @Test("No base learns from text with test or validation questions")
    func exclusion() throws {
        let whole = try plan("replication", ["seeds": "[0]"])
        let bases = whole.stages.filter { $0.kind.name == "train.pretrain" }
        #expect(bases.count == 6)
        for base in bases {
            #expect(base.inputs["exclude"]?.map(\.output) == ["test", "validation"], "\(base.id)")
        }
    }
}
