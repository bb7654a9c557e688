import Foundation
import JSON
import LanguageModel
import Pipeline
import Reasoning
import Stages
import Testing

/// `select.model` on made-up figures.
@Suite(.timeLimit(.minutes(10)))
struct SelectModelTests {
    /// A model that is unlike those of other numbers; its directory.
    private func model(_ bench: Bench, _ number: Int) throws -> String {
        let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/qwen3-untied").path
        let name = "model\(number)"
        let path = "\(bench.directory)/\(name)"
        try FileManager.default.copyItem(atPath: fixture, toPath: path)
        try Tokenizer(words: ["w\(number)"]).write(to: path + "/tokenizer.json")
        return name
    }

    /// An evaluation with these figures over all levels, and one of a level that must not matter; its directory.
    private func evaluation(
        _ bench: Bench, _ number: Int, _ figures: [String: Double], questions: [String] = ["q1"]
    ) throws -> String {
        let name = "evaluation\(number)"
        let lines = figures.sorted { $0.key < $1.key }.map { measure, value in
            #"{"label":"rate \#(number)","replicate":null,"level":null,"measure":"\#(measure)","value":\#(value),"low":0,"high":1,"questions":1,"samples":4}"#
        }
        let other =
            #"{"label":"rate \#(number)","replicate":null,"level":1,"measure":"avg@4","value":\#(1 - 0.1 * Double(number)),"low":0,"high":1,"questions":1,"samples":4}"#
        try bench.write([other] + lines, to: "\(name)/evaluations.jsonl")
        try bench.write(
            questions.map { #"{"question":"\#($0)","sample":0,"correct":true}"# },
            to: "\(name)/rollouts.jsonl")
        return name
    }

    private func inputs(
        _ bench: Bench, _ figures: [[String: Double]]
    ) throws -> [String: [String]] {
        try [
            "models": figures.indices.map { try model(bench, $0) },
            "evaluations": figures.enumerated().map { try evaluation(bench, $0, $1) },
        ]
    }

    private func message(
        _ bench: Bench, _ options: [String: JSONValue] = [:], in inputs: [String: [String]]
    ) async -> String {
        do {
            try await bench.run("select.model", as: "best", options, in: inputs)
            return "no error"
        } catch { return "\(error)" }
    }

    @Test("The model with the highest avg@k over all levels is copied, the first of equal ones")
    func best() async throws {
        let bench = try Bench()
        let inputs = try inputs(bench, [0.25, 0.5, 0.5].map { ["avg@4": $0, "pass@1": 0.5] })
        let log = try await bench.run("select.model", as: "best", in: inputs)
        for name in ["config.json", "model.safetensors", "tokenizer.json"] {
            #expect(try bench.data("best/model/\(name)") == bench.data("model1/\(name)"))
        }
        #expect(
            try bench.read(SelectionRecord.self, "best/selection/selection.jsonl")
                == [0.25, 0.5, 0.5].enumerated().map { position, value in
                    SelectionRecord(
                        position: position, label: "rate \(position)", measure: "avg@4",
                        value: value, low: 0, high: 1, chosen: position == 1)
                })
        #expect(log.lines == ["chose rate 1, number 2 of 3 candidates"])
        #expect(log.last("chosen") == 1 && log.last("avg@4") == 0.5)
    }

    @Test("Another figure may be compared")
    func measure() async throws {
        let bench = try Bench()
        let inputs = try inputs(
            bench, [["avg@4": 0.5, "pass@4": 0.75], ["avg@4": 0.25, "pass@4": 1]])
        try await bench.run(
            "select.model", as: "best", ["measure": .string("pass@4")], in: inputs)
        let rows = try bench.read(SelectionRecord.self, "best/selection/selection.jsonl")
        #expect(rows.map(\.chosen) == [false, true] && rows.map(\.value) == [0.75, 1])
    }

    @Test("Figures of unlike evaluations are not compared")
    func unlike() async throws {
        let bench = try Bench()
        var inputs = try inputs(bench, [["avg@4": 0.5], ["avg@8": 0.5, "pass@8": 1]])
        #expect(
            await message(bench, in: inputs)
                == "evaluation 1 (rate 1) has no avg@4 over all levels, only avg@8, pass@8: evaluate all candidates with the same `samples`, or set `measure` to a figure that all have"
        )
        #expect(
            await message(bench, ["measure": .string("pass@8")], in: inputs)
                == "evaluation 0 (rate 0) has no pass@8 over all levels, only avg@4: evaluate all candidates with the same `samples`, or set `measure` to a figure that all have"
        )
        inputs["evaluations"]?[1] = try evaluation(
            bench, 2, ["avg@4": 0.5], questions: ["q1", "q2"])
        #expect(
            await message(bench, in: inputs)
                == "evaluation 1 (rate 2) is of other questions than evaluation 0 (rate 0): evaluate all candidates on the same validation questions"
        )
    }

    @Test("Every candidate needs an evaluation, which is known before anything runs")
    func unequal() async throws {
        let bench = try Bench()
        #expect(
            await message(bench, in: ["models": ["a", "b"], "evaluations": ["c"]])
                == "`models` gathers 2 and `evaluations` 1: give one of each per candidate, in the same order"
        )
    }

    @Test("The chosen model has the parameters of the candidates")
    func work() throws {
        let settings = WorkSettings(
            options: Options([:]),
            inputs: ["models": Array(repeating: ArtifactSize(parameters: 7), count: 3)])
        let kind = try #require(StageRegistry.kinds.first { $0.name == "select.model" })
        let work = kind.work(settings)
        #expect(work.outputs["model"]?.parameters == 7 && work.outputs["selection"]?.rows == 3)
        #expect(work.operations == 0)
    }
}
