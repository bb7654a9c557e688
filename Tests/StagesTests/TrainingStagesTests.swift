import Foundation
import JSON
import LanguageModel
import Pipeline
import Reasoning
import Stages
import Testing

/// What people set on a training, on a model too small to be good at anything.
@Suite(.timeLimit(.minutes(10)))
struct TrainingStagesTests {
    private let small: [String: JSONValue] = [
        "hidden_size": .integer(16), "layers": .integer(1), "heads": .integer(2),
        "key_value_heads": .integer(1), "head_size": .integer(8),
        "intermediate_size": .integer(24), "batch": .integer(4), "warmup": .integer(2),
    ]

    private let inputs = [
        "model": ["base/model"], "data": ["questions/demonstrations"],
        "validation": ["held/demonstrations"],
    ]

    private func started() async throws -> Bench {
        let bench = try Bench()
        for (name, seed) in [("questions", 1), ("held", 2)] {
            try await bench.run(
                "ingest.countdown", as: name,
                [
                    "train": .integer(12), "demonstrations": .integer(10), "test": .integer(1),
                    "seed": .integer(seed),
                ])
        }
        try await bench.run(
            "train.pretrain", as: "base", small.merging(["steps": .integer(6)]) { $1 })
        return bench
    }

    private func model(_ bench: Bench, _ name: String) throws -> Data {
        try bench.data("\(name)/model/model.safetensors")
    }

    private func series(_ log: Bench.Log, _ name: String) -> [Int: Double] {
        Dictionary(
            log.events.compactMap {
                if case .metric(name, let step, let value) = $0 { (step, value) } else { nil }
            }, uniquingKeysWith: { $1 })
    }

    private func lines(_ log: Bench.Log) -> [String] {
        log.events.compactMap { if case .log(let line) = $0 { line } else { nil } }
    }

    private func checkpoints(_ bench: Bench, _ name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            atPath: "\(bench.directory)/\(name).work"
        ).sorted()
    }

    @Test("Two batches a step are one batch of twice the size")
    func accumulation() async throws {
        let bench = try Bench()
        try await bench.run(
            "train.pretrain", as: "large",
            small.merging(["steps": .integer(5), "batch": .integer(8)]) { $1 })
        try await bench.run(
            "train.pretrain", as: "two",
            small.merging(["steps": .integer(5), "accumulate": .integer(2)]) { $1 })
        #expect(try model(bench, "two") == model(bench, "large"))
    }

    @Test("Epochs are as many steps as pass over the data")
    func epochs() async throws {
        let bench = try await started()
        let options: [String: JSONValue] = ["batch": .integer(2), "accumulate": .integer(2)]
        let log = try await bench.run(
            "train.sft", as: "epochs", options.merging(["epochs": .number(1.5)]) { $1 }, in: inputs)
        // 15 examples, 4 a step.
        #expect(series(log, "loss").keys.max() == 4)
        try await bench.run(
            "train.sft", as: "steps", options.merging(["steps": .integer(4)]) { $1 }, in: inputs)
        #expect(try model(bench, "epochs") == model(bench, "steps"))
    }

    @Test(
        "What each step learns from is recorded: every example once a pass, the last step of what is left"
    )
    func composition() async throws {
        struct Line: Decodable {
            let step: Int
            let examples: [Int]
        }
        let bench = try await started()
        let count = try bench.read(Example.self, "questions/demonstrations/examples.jsonl").count
        let log = try await bench.run(
            "train.sft", as: "sft",
            ["batch": .integer(4), "accumulate": .integer(2), "epochs": .integer(1)], in: inputs)
        let lines = try bench.read(Line.self, "sft/model/batches.jsonl")
        #expect(lines.map(\.step) == Array(1...lines.count))
        #expect(lines.flatMap(\.examples).sorted() == Array(0..<count))
        #expect(lines.dropLast().allSatisfy { $0.examples.count > 4 })
        #expect(
            series(log, "sequences")
                == Dictionary(
                    uniqueKeysWithValues: lines.map { ($0.step, Double($0.examples.count)) }))
    }

    @Test("With a batch for all examples the loss of a pass does not depend on the seed")
    func wholeBatch() async throws {
        let bench = try await started()
        var losses: [Double] = []
        for seed in 0..<3 {
            let log = try await bench.run(
                "train.sft", as: "seed\(seed)",
                [
                    "batch": .integer(64), "epochs": .integer(1), "normalizer": .string("tokens"),
                    "seed": .integer(seed),
                ], in: inputs)
            #expect(series(log, "loss").count == 1)
            losses += series(log, "loss").values
        }
        #expect(losses.max()! - losses.min()! < 1e-5)
    }

    @Test("A warm-up longer than the training is refused; without one it suits the training")
    func warmup() async throws {
        let bench = try await started()
        await #expect {
            try await bench.run(
                "train.sft", as: "long", ["steps": .integer(4), "warmup": .integer(5)], in: inputs)
        } throws: {
            "\($0)"
                == "the warm-up of 5 steps is longer than the training of 4: the highest rate is never reached; lower `warmup`, or train longer"
        }
        let log = try await bench.run(
            "train.sft", as: "short",
            ["steps": .integer(8), "learning_rate": .number(0.004)], in: inputs)
        #expect(series(log, "learning_rate")[1] == 0.002)
        #expect(series(log, "learning_rate")[2] == 0.004)
    }

    @Test("A step tells its loss, gradient norm, learning rate and speed")
    func metrics() async throws {
        let bench = try await started()
        let log = try await bench.run(
            "train.sft", as: "sft",
            [
                "steps": .integer(4), "batch": .integer(2), "warmup": .integer(2),
                "schedule": .string("linear"), "final_rate": .integer(0),
                "learning_rate": .number(0.002),
            ], in: inputs)
        for name in ["loss", "gradient_norm", "tokens_per_second"] {
            #expect(series(log, name).keys.sorted() == [1, 2, 3, 4])
        }
        #expect(series(log, "learning_rate") == [1: 0.001, 2: 0.002, 3: 0.002, 4: 0])
    }

    @Test("The validation loss is measured every so many steps and at the end, as the loss is")
    func validation() async throws {
        let bench = try await started()
        let log = try await bench.run(
            "train.sft", as: "sft",
            [
                "steps": .integer(5), "batch": .integer(2), "evaluate_every": .integer(2),
                "learning_rate": .integer(0), "weight_decay": .integer(0),
            ], in: inputs)
        let losses = series(log, "validation_loss")
        #expect(losses.keys.sorted() == [2, 4, 5])
        // The weights never change; eight batches of all its size pass over the data eight times.
        let whole = try await bench.run(
            "train.sft", as: "whole",
            [
                "steps": .integer(1), "batch": .integer(10), "accumulate": .integer(8),
                "learning_rate": .integer(0),
            ],
            in: ["model": ["base/model"], "data": ["held/demonstrations"]])
        let expected = try #require(whole.last("loss"))
        #expect(losses.values.allSatisfy { abs($0 / expected - 1) < 1e-5 })
        let end = try await bench.run(
            "train.posterior", as: "q", ["steps": .integer(3), "batch": .integer(2)], in: inputs)
        #expect(series(end, "validation_loss").keys.sorted() == [3])
    }

    @Test("Early stopping writes the weights of the lowest validation loss")
    func earlyStop() async throws {
        let bench = try await started()
        // A rate so high that it gets worse at last.
        let options: [String: JSONValue] = [
            "batch": .integer(2), "warmup": .integer(0), "schedule": .string("constant"),
            "learning_rate": .number(0.05), "evaluate_every": .integer(1),
        ]
        let log = try await bench.run(
            "train.sft", as: "early",
            options.merging(["steps": .integer(40), "early_stop": .integer(2)]) { $1 }, in: inputs)
        let losses = series(log, "validation_loss").sorted { $0.key < $1.key }
        let best = try #require(losses.min { $0.value < $1.value })
        let last = try #require(losses.last)
        #expect(last.key == best.key + 2 && last.key < 40)
        #expect(
            lines(log) == [
                "stopped after step \(last.key): 2 validations without a lower loss than that of step \(best.key), whose weights are written"
            ])
        try await bench.run(
            "train.sft", as: "best", options.merging(["steps": .integer(best.key)]) { $1 },
            in: inputs)
        #expect(try model(bench, "early") == model(bench, "best"))
    }

    @Test("The average of the weights is validated and written")
    func average() async throws {
        let bench = try await started()
        let options: [String: JSONValue] = ["steps": .integer(4), "batch": .integer(2)]
        let last = try await bench.run("train.sft", as: "last", options, in: inputs)
        let log = try await bench.run(
            "train.sft", as: "ema", options.merging(["ema": .number(0.9)]) { $1 }, in: inputs)
        #expect(series(log, "loss") == series(last, "loss"))
        #expect(log.last("validation_loss") != last.last("validation_loss"))
        #expect(try model(bench, "ema") != model(bench, "last"))
    }

    @Test(
        "With all that can be set, training that is stopped anywhere gives the same bits",
        arguments: [1, 2, 3])
    func resume(pause: Int) async throws {
        let bench = try await started()
        let options: [String: JSONValue] = [
            "steps": .integer(9), "batch": .integer(2), "accumulate": .integer(2),
            "ema": .number(0.9), "evaluate_every": .integer(2), "early_stop": .integer(2),
            "schedule": .string("linear"), "decaying": .string("all"), "beta2": .number(0.99),
        ]
        let whole = try await bench.run("train.sft", as: "whole", options, in: inputs, threads: 1)
        let (attempts, log) = try await bench.runInParts(
            "train.sft", as: "parts", options, in: inputs,
            stopAfter: pause, threads: 3)
        let losses = series(log, "validation_loss")
        #expect(attempts >= 4)
        #expect(try model(bench, "parts") == model(bench, "whole"))
        let last = try #require(losses.max { $0.key < $1.key })
        #expect(series(whole, "validation_loss")[last.key] == last.value)
    }

    @Test("A stop in the middle of a validation leaves the weights that training had")
    func stoppedValidation() async throws {
        let bench = try await started()
        try await bench.run(
            "ingest.countdown", as: "many",
            ["train": .integer(200), "demonstrations": .integer(130), "test": .integer(1)])
        let options: [String: JSONValue] = [
            "steps": .integer(4), "batch": .integer(2), "ema": .number(0.9),
            "evaluate_every": .integer(1),
        ]
        let inputs = inputs.merging(["validation": ["many/demonstrations"]]) { $1 }
        try await bench.run("train.sft", as: "whole", options, in: inputs)
        // A step asks once whether to stop, a validation of 130 examples three times.
        let attempts = try await bench.runInParts(
            "train.sft", as: "parts", options, in: inputs, stopAfter: 3
        ).attempts
        #expect(attempts > 4)
        #expect(try model(bench, "parts") == model(bench, "whole"))
    }

    @Test("Validation options without the input, or without each other, are refused by name")
    func missingValidation() async throws {
        let bench = try await started()
        var fewer = inputs
        fewer["validation"] = nil
        for (options, inputs, message) in [
            (
                ["early_stop": JSONValue.integer(2)], fewer,
                "the input `validation` is needed: `early_stop` depends on the loss on it; set `early_stop: 0`"
            ),
            (
                ["evaluate_every": .integer(2)], fewer,
                "the input `validation` is needed: `evaluate_every` depends on the loss on it; set `evaluate_every: 0`"
            ),
            (
                ["early_stop": .integer(2)], inputs,
                "`early_stop` requires `evaluate_every`: set `evaluate_every`, or `early_stop: 0`"
            ),
        ] {
            await #expect {
                try await bench.run(
                    "train.sft", as: "sft", options.merging(["steps": .integer(1)]) { $1 },
                    in: inputs)
            } throws: { "\($0)" == message }
        }
    }

    /// Four examples, the third of which has a weight that single precision does not hold.
    private func writeBroken(_ bench: Bench) throws {
        let examples = (0..<4).map { index in
            #"{"question":"q\#(index)","task":"countdown","text":"1 1 : 2","level":1,"trace":"1 + 1 = 2 : 2 ok","answer":"1 + 1","weight":\#(index == 2 ? "1e300" : "1"),"source":"trace","sample":0}"#
        }
        try bench.write(examples, to: "broken/examples.jsonl")
    }

    @Test(
        "A loss that is not finite names the step, the batch and the example, and keeps checkpoints"
    )
    func divergence() async throws {
        let bench = try await started()
        try writeBroken(bench)
        let inputs = ["model": ["base/model"], "data": ["broken"]]
        // The example comes in the second of two batches.
        let (step, seed) = (1, try #require((0..<40).first { batches(seed: $0)[1].contains(2) }))
        let options: [String: JSONValue] = [
            "steps": .integer(40), "batch": .integer(2), "checkpoint_steps": .integer(1),
            "seed": .integer(seed),
        ]
        let batch = batches(seed: seed)[step].map { "example \($0) (question q\($0))" }
        let message =
            "training diverged at step \(step + 1): the loss is not finite, even for example 2 (question q2) alone, in the batch of \(batch.joined(separator: ", ")): check its content, or lower the learning rate"
        for _ in 0..<2 {
            await #expect {
                try await bench.run("train.sft", as: "sft", options, in: inputs)
            } throws: { "\($0)" == message }
            let kept = (max(1, step - 1)..<(step + 1)).map { "checkpoint-\($0).safetensors" }
            #expect(try checkpoints(bench, "sft") == kept)
        }
    }

    /// Of four examples of one length.
    private func batches(seed: Int) -> [[Int]] {
        var order = DataOrder(lengths: [17, 17, 17, 17], batch: 2, seed: seed)
        return [order.indices(batch: 0), order.indices(batch: 1)]
    }

    @Test("A validation example whose loss is not finite is named")
    func brokenValidation() async throws {
        let bench = try await started()
        try writeBroken(bench)
        await #expect {
            try await bench.run(
                "train.sft", as: "sft", ["steps": .integer(2), "batch": .integer(2)],
                in: inputs.merging(["validation": ["broken"]]) { $1 })
        } throws: {
            "\($0)"
                == "the loss of example 2 of `validation` is not finite after step 2: lower the learning rate"
        }
    }

    @Test("Checkpoints come as often as asked, and the model does not depend on it")
    func checkpointSteps() async throws {
        let bench = try await started()
        let options: [String: JSONValue] = ["steps": .integer(8), "batch": .integer(2)]
        func saved(_ more: [String: JSONValue], as name: String) async throws -> [Int] {
            let log = try await bench.run(
                "train.sft", as: name, options.merging(more) { $1 }, in: inputs)
            return log.events.compactMap {
                if case .checkpoint(let step) = $0 { step } else { nil }
            }
        }
        #expect(try await saved(["checkpoint_steps": .integer(3)], as: "steps") == [3, 6])
        #expect(try await saved(["checkpoint_minutes": .number(600)], as: "never") == [])
        #expect(
            try await saved(["checkpoint_minutes": .number(1e-9)], as: "always") == Array(1...8))
        #expect(try model(bench, "steps") == model(bench, "never"))
        #expect(try model(bench, "steps") == model(bench, "always"))
    }

    /// Stops a training after six steps, changes its checkpoints and goes on; what the second attempt told.
    private func resumed(
        _ bench: Bench, _ change: (_ directory: String) throws -> Void
    ) async throws -> Bench.Log {
        let options: [String: JSONValue] = [
            "steps": .integer(8), "batch": .integer(2), "checkpoint_steps": .integer(4),
        ]
        try await bench.run("train.sft", as: "whole", options, in: inputs)
        await #expect(throws: CancellationError.self) {
            try await bench.run("train.sft", as: "half", options, in: inputs, stopAfter: 6)
        }
        #expect(
            try checkpoints(bench, "half") == [
                "checkpoint-4.safetensors", "checkpoint-6.safetensors",
            ])
        try change(bench.directory + "/half.work")
        let log = try await bench.run("train.sft", as: "half", options, in: inputs)
        #expect(try model(bench, "half") == model(bench, "whole"))
        return log
    }

    private func cut(_ path: String) throws {
        let url = URL(fileURLWithPath: path)
        try Data(contentsOf: url).dropLast(100).write(to: url)
    }

    @Test("After a torn checkpoint the one before is used, with a line in the log")
    func torn() async throws {
        let bench = try await started()
        let log = try await resumed(bench) { try cut($0 + "/checkpoint-6.safetensors") }
        #expect(log.events.contains(.resumed(step: 4)))
        let line = try #require(lines(log).first)
        #expect(lines(log).count == 1)
        #expect(line.hasPrefix("the checkpoint after step 6 cannot be used (\(bench.directory)"))
        #expect(
            line.contains(
                "checkpoint-6.safetensors: the file is truncated: 'second_moment' ends at byte"))
        #expect(line.hasSuffix(": resuming from step 4"))
    }

    @Test("Without a whole checkpoint, training says that it starts over")
    func allTorn() async throws {
        let bench = try await started()
        let log = try await resumed(bench) {
            try cut($0 + "/checkpoint-6.safetensors")
            try cut($0 + "/checkpoint-4.safetensors")
        }
        #expect(lines(log).map { $0.hasSuffix(": starting over") } == [true, true])
        #expect(!log.events.contains { if case .resumed = $0 { true } else { false } })
    }

    @Test("Going on with another kernel set is a warning that names both")
    func otherKernels() async throws {
        let bench = try await started()
        let log = try await resumed(bench) { directory in
            let trainer = try Trainer(
                try Transformer(directory: bench.directory + "/base/model"), threads: 1)
            try trainer.restore(from: directory + "/checkpoint-6.safetensors")
            try trainer.save(
                to: directory + "/checkpoint-6.safetensors",
                on: Processor(name: "Other", kernels: "Zen5"))
        }
        let here = Processor.current(with: try .chosen())
        #expect(
            lines(log) == [
                "warning: the checkpoint was written with the kernel set Zen5 (Other), this is \(here.kernelSet) (\(here.name)): the result may differ from an uninterrupted one in the last bits"
            ])
        #expect(log.events.contains(.resumed(step: 6)))
    }

    @Test("How often a training saves is no part of its key, and all else is")
    func keys() {
        let kinds = StageRegistry.kinds.filter {
            $0.name.hasPrefix("train.") && $0.outputs.contains { $0.type == .model }
        }
        #expect(kinds.count >= 4)
        for kind in kinds {
            let idle = kind.options.filter { !$0.affectsResult }.map(\.name)
            let isExternal = kind.name == "train.external"
            #expect(
                idle
                    == (isExternal
                        ? ["python", "interface", "checkpoint_steps"]
                        : ["checkpoint_steps", "checkpoint_minutes"]))
        }
    }
}
