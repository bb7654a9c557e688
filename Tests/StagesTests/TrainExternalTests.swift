import Foundation
import JSON
import LanguageModel
import Pipeline
import Reasoning
import Stages
import Testing

/// `train.external` with a shell script that stands in for Python and an engine.
@Suite("Training by an engine", .timeLimit(.minutes(10)))
struct TrainExternalTests {
    private let bench: Bench

    /// The number of steps of every training here.
    private static let steps = 10

    init() async throws {
        bench = try Bench()
        try await bench.run(
            "ingest.countdown", as: "questions",
            ["train": .integer(4), "demonstrations": .integer(6), "test": .integer(4)])
        try await bench.run(
            "train.pretrain", as: "base",
            [
                "hidden_size": .integer(16), "layers": .integer(1), "heads": .integer(2),
                "key_value_heads": .integer(1), "head_size": .integer(8),
                "intermediate_size": .integer(24), "batch": .integer(2), "steps": .integer(1),
            ])
        for (step, loss) in [(5, 2.0), (10, 1.0)] {
            try TrainerCheckpointTests.write(
                step: step, to: bench.directory, model: bench.directory + "/base/model",
                history: "{\"step\": \(step), \"loss\": \(loss)}")
        }
    }

    /// Writes the script. `train` is what it does as an engine; `$out` is where checkpoints go, `$settings` its
    /// configuration.
    private func python(_ train: String, transformers: String = "\"5.6.0\"") throws -> JSONValue {
        try bench.script(
            "python",
            """
            #!/bin/sh
            case $1 in
            -c) echo '{"llamafactory":"0.9.5","trl":"1.16.0","torch":"2.13.0","transformers":\(transformers)}'
                exit ;;
            *tokenized_data.py) mkdir -p "$3"; exit ;;
            esac
            for settings; do :; done
            out=$(sed -n 's/.*"output_dir": "\\(.*\\)".*/\\1/p' "$settings")
            cd '\(bench.directory)'
            \(train)
            """)
    }

    @discardableResult
    private func run(
        _ train: String, _ options: [String: JSONValue] = [:], engine: String = "llama-factory",
        transformers: String = "\"5.6.0\"", data: String = "questions/demonstrations"
    ) async throws -> Bench.Log {
        let own: [String: JSONValue] = [
            "engine": .string(engine), "steps": .integer(Self.steps),
            "python": try python(train, transformers: transformers),
        ]
        return try await bench.run(
            "train.external", as: "final", own.merging(options) { $1 },
            in: ["model": ["base/model"], "data": [data]])
    }

    /// The error of a run.
    private func failure(
        _ train: String, _ options: [String: JSONValue] = [:], transformers: String = "\"5.6.0\"",
        data: String = "questions/demonstrations"
    ) async throws -> String {
        do {
            try await run(train, options, transformers: transformers, data: data)
            return "no error"
        } catch let error as EngineError {
            return error.description
        }
    }

    private static let whole = "cp -r checkpoint-5 checkpoint-10 \"$out\"; exit 7"

    @Test("A warm-up that is longer than the epochs is refused")
    func longWarmup() async throws {
        await #expect {
            try await run(
                Self.whole,
                ["steps": .null, "epochs": .number(1), "batch": .integer(2), "warmup": .integer(4)])
        } throws: {
            "\($0)"
                == "the warm-up of 4 steps is longer than the training of 2: the highest rate is never reached; lower `warmup`, or train longer"
        }
    }

    @Test("A measurement that the engine leaves out is named", arguments: [5, 4])
    func lastMeasurement(_ interval: Int) async throws {
        let demonstrations = ["questions/demonstrations"]
        let log = try await bench.run(
            "train.external", as: "final",
            [
                "engine": .string("llama-factory"), "steps": .integer(Self.steps),
                "evaluate_every": .integer(interval), "python": try python(Self.whole),
            ], in: ["model": ["base/model"], "data": demonstrations, "validation": demonstrations])
        #expect(
            log.events.contains(
                .warning(
                    "llama-factory reports the loss on `validation` every 4 steps, but not after the last one, step 10"
                )) == (interval == 4))
    }

    @Test("The checkpoint of the last step makes it finished, whatever the engine says at its end")
    func finished() async throws {
        let log = try await run(Self.whole)
        for name in ["config.json", "tokenizer.json", "generation_config.json"] {
            #expect(try bench.data("final/model/\(name)") == bench.data("base/model/\(name)"))
        }
        let files = try FileManager.default.contentsOfDirectory(
            atPath: bench.directory + "/final/model")
        #expect(
            files.sorted() == [
                "config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
                "training.json",
            ])
        #expect(log.last("loss") == 1)
        #expect(log.events.contains(.checkpoint(step: 5)))
        #expect(log.events.contains(.checkpoint(step: 10)))
        let record = try #require(PythonJSON.value(try bench.data("final/model/training.json")))
        #expect(record["versions"]?["llamafactory"] == .string("0.9.5"))
        #expect(record["steps"] == .integer(Self.steps))
    }

    @Test("An engine that stops early with status 0 failed; the next attempt goes on from there")
    func stopped() async throws {
        #expect(
            try await failure("cp -r checkpoint-5 \"$out\"; echo 'stopped early' >&2; exit 0")
                == "llama-factory exited with status 0 after step 5 of 10; its last line: stopped early"
        )
        let log = try await run(
            "grep -q 'resume_from_checkpoint.*work/checkpoint-5\"' \"$settings\" || exit 3\n"
                + "cp -r checkpoint-10 \"$out\"")
        #expect(log.events.contains(.resumed(step: 5)))
    }

    @Test("A finished training is not started again")
    func again() async throws {
        try await run(Self.whole)
        try FileManager.default.removeItem(atPath: bench.directory + "/final")
        try await run("touch started; exit 1")
        #expect(!FileManager.default.fileExists(atPath: bench.directory + "/started"))
    }

    @Test("A checkpoint that was cut is named in the log, and an older one is used")
    func damaged() async throws {
        #expect(
            try await failure(
                "cp -r checkpoint-5 checkpoint-10 \"$out\"; : > \"$out/checkpoint-10/optimizer.pt\""
            ) == "llama-factory exited with status 0 after step 5 of 10")
        let log = try await run("cp -r checkpoint-10 \"$out\"")
        #expect(
            log.lines.contains(
                "the checkpoint after step 10 cannot be used (optimizer.pt is cut): resuming from step 5"
            ))
    }

    @Test("Another version than the declared one is refused; the installed one is recorded")
    func version() async throws {
        #expect(
            try await failure(Self.whole, ["version": .string("0.9.4")])
                == "`version` is 0.9.4, but llamafactory 0.9.5 is installed: install the declared version, or change `version`, which trains the model again"
        )
        let log = try await run(Self.whole, ["version": .string("0.9.5")])
        #expect(
            log.lines.contains(
                "llama-factory: llamafactory 0.9.5, torch 2.13.0, transformers 5.6.0, trl 1.16.0"))
    }

    @Test("A missing package, and a missing Python, are named")
    func missing() async throws {
        let python = bench.directory + "/python"
        #expect(
            try await failure(Self.whole, transformers: "null")
                == "'\(python)' has no package 'transformers', which `engine: llama-factory` needs: install it there, or set `python` to the Python that has it"
        )
        #expect(
            try await failure(Self.whole, ["python": .string("/nowhere/python")])
                == "cannot find the program '/nowhere/python': set `python` to the Python in which the engine is installed"
        )
    }

    @Test("Examples with weights are refused for an engine that would ignore them")
    func weights() async throws {
        let lines = try String(
            contentsOfFile: bench.directory + "/questions/demonstrations/examples.jsonl",
            encoding: .utf8
        ).split(separator: "\n").map {
            String($0).replacing(/"weight":[0-9.]+/, with: "\"weight\":0.5")
        }
        try bench.write(lines, to: "weighted/examples.jsonl")
        let first = try #require(
            try bench.read(Example.self, "weighted/examples.jsonl").first?.question)
        #expect(
            try await failure(Self.whole, data: "weighted")
                == "the example of question \(first) has the weight 0.5, which `engine: llama-factory` would ignore: use `engine: weighted`, or examples of weight 1"
        )
    }

    /// A line of the data that TRL gets.
    private struct Row: Decodable {
        let input_ids: [Int32]
        let completion_mask: [Int]
    }

    /// The data that TRL gets.
    private func rows() throws -> [Row] {
        try JSONLines.read(
            Row.self, from: bench.directory + "/final.work/attempt-1.partial/data/train.jsonl")
    }

    /// The tokens of the prompt of each example, and those after it.
    private func encoded() throws -> [(prompt: [Int32], rest: [Int32])] {
        let tokenizer = try Tokenizer(path: bench.directory + "/base/model/tokenizer.json")
        return try bench.read(Example.self, "questions/demonstrations/examples.jsonl").map {
            (
                try tokenizer.encode(TraceFormat.words.priorPrompt($0.text)),
                try tokenizer.encode(TraceFormat.words.traceTarget($0.trace))
                    + tokenizer.encode(TraceFormat.words.answerTarget($0.answer))
            )
        }
    }

    @Test("TRL gets the tokens that scoring uses, and learns from those after the prompt")
    func tokens() async throws {
        let log = try await run(Self.whole, engine: "trl-sft")
        let (rows, examples) = (try rows(), try encoded())
        #expect(rows.count == examples.count)
        for (row, example) in zip(rows, examples) {
            #expect(row.input_ids == example.prompt + example.rest)
            #expect(
                row.completion_mask == example.prompt.map { _ in 0 } + example.rest.map { _ in 1 })
        }
        #expect(log.last("cut_examples") == nil)
    }

    @Test("Long examples lose their end at the cutoff, with a metric of their number")
    func cutoff() async throws {
        let examples = try encoded()
        let cutoff = (examples.map(\.prompt.count).max() ?? 0) + 2
        let log = try await run(
            Self.whole, ["cutoff_length": .integer(cutoff)], engine: "trl-sft")
        for (row, example) in zip(try rows(), examples) {
            #expect(row.input_ids == Array((example.prompt + example.rest).prefix(cutoff)))
            let learnt = cutoff - example.prompt.count
            #expect(
                row.completion_mask
                    == example.prompt.map { _ in 0 } + example.rest.prefix(learnt).map { _ in 1 })
        }
        #expect(log.last("cut_examples") == Double(examples.count))
    }

    @Test("Another model than the one that was trained is refused")
    func otherModel() async throws {
        // The shapes of the tiny model of the tests of checkpoints.
        try TrainerCheckpointTests.write(step: 10, to: bench.directory + "/other")
        let error = try await failure("cp -r other/checkpoint-10 \"$out\"")
        #expect(error.hasPrefix("the trained model cannot be used: "), "\(error)")
    }
}
