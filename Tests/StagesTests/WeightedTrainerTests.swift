import Foundation
import JSON
import LanguageModel
import Pipeline
import Reasoning
import Stages
import Testing

/// The trainer in torch against the engine of `train.sft`. `VIREO_TRAINERS` names a directory with the virtual
/// environment `trl`, which has torch and transformers; `Tests/Scripts/trainers.sh install` makes it.
@Suite("The weighted trainer in torch", .timeLimit(.minutes(10)), .serialized)
struct WeightedTrainerTests {
    private static let python: String? =
        ProcessInfo.processInfo.environment["VIREO_TRAINERS"].map { $0 + "/trl/bin/python" }

    private static var hasTorch: Bool {
        python.map { FileManager.default.isExecutableFile(atPath: $0) } ?? false
    }

    private struct Row: Decodable {
        let tokens: [Int32]
        let start: Int
        let weight: Float
    }

    private struct Step: Decodable {
        let examples: [Int]
        let divisor: Double
    }

    /// A model, and examples with weights from 0 to 1.
    private func started() async throws -> Bench {
        let bench = try Bench()
        try await bench.run(
            "ingest.countdown", as: "questions",
            ["train": .integer(4), "demonstrations": .integer(12), "test": .integer(4)])
        try await bench.run(
            "train.pretrain", as: "base",
            [
                "hidden_size": .integer(16), "layers": .integer(2), "heads": .integer(2),
                "key_value_heads": .integer(1), "head_size": .integer(8),
                "intermediate_size": .integer(24), "batch": .integer(4), "steps": .integer(20),
            ])
        let lines = try String(
            contentsOfFile: bench.directory + "/questions/demonstrations/examples.jsonl",
            encoding: .utf8
        ).split(separator: "\n").enumerated().map { place, line in
            String(line).replacing(
                /"weight":[0-9.]+/, with: "\"weight\":\(Double(place % 5) / 4)")
        }
        try bench.write(lines, to: "data/examples.jsonl")
        return bench
    }

    private let inputs = ["model": ["base/model"], "data": ["data"], "validation": ["data"]]

    private let common: [String: JSONValue] = [
        "steps": .integer(6), "batch": .integer(4), "accumulate": .integer(1),
        "learning_rate": .number(1e-3), "warmup": .integer(2), "weight_decay": .number(0.1),
        "evaluate_every": .integer(3), "checkpoint_steps": .integer(1),
    ]

    private func train(
        _ bench: Bench, as name: String, _ options: [String: JSONValue]
    ) async throws -> Bench.Log {
        let own: [String: JSONValue] = ["python": .string(try #require(Self.python))]
        return try await bench.run(
            "train.external", as: name,
            common.merging(own) { $1 }.merging(options) { $1 }, in: inputs)
    }

    private func series(_ log: Bench.Log, _ name: String) -> [Double] {
        log.events.compactMap { event in
            guard case .metric(name, _, let value) = event else { return nil }
            return value
        }
    }

    private func weights(_ bench: Bench, _ name: String) throws -> [String: [Float]] {
        try Self.values(bench.directory + "/\(name)/model/model.safetensors")
    }

    private static func values(_ path: String) throws -> [String: [Float]] {
        let file = try SafeTensors(path: path)
        return file.tensors.keys.reduce(into: [:]) { all, name in
            all[name] = file.withBytes(of: name) { bytes in
                (0..<bytes.count / 4).map {
                    bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self)
                }
            }
        }
    }

    /// The greatest difference of two series, relative to each value or to `scale`.
    private func distance(
        _ first: [Double], _ second: [Double], scale: Double? = nil
    ) -> Double {
        guard first.count == second.count else { return .infinity }
        return zip(first, second).map { $0 == $1 ? 0 : abs($0 - $1) / (scale ?? abs($0)) }.max()
            ?? .infinity
    }

    @Test(
        "Losses, norms and learning rates are those of train.sft, however the batches are split",
        .enabled("needs VIREO_TRAINERS, a directory with an environment that has torch") {
            hasTorch
        },
        arguments: ["constant", "tokens"])
    func losses(normalizer: String) async throws {
        let bench = try await started()
        let options: [String: JSONValue] = ["normalizer": .string(normalizer)]
        let own = try await bench.run(
            "train.sft", as: "own", common.merging(options) { $1 }, in: inputs)
        for (name, split) in [
            ("whole", ["device_batch": JSONValue.integer(4)]),
            ("single", ["device_batch": .integer(1)]),
            ("ranks", ["device_batch": .integer(2), "processes": .integer(2)]),
        ] {
            let log = try await train(bench, as: name, options.merging(split) { $1 })
            for metric in ["loss", "gradient_norm", "learning_rate", "validation_loss"] {
                #expect(!series(own, metric).isEmpty)
                #expect(
                    distance(series(own, metric), series(log, metric)) < 1e-6,
                    "\(name): \(metric)")
            }
            let (ours, theirs) = (try weights(bench, "own"), try weights(bench, name))
            #expect(ours.keys.sorted() == theirs.keys.sorted())
            for (tensor, values) in ours {
                // AdamW divides by the root of the second moment, which enlarges differences of tiny gradients.
                let change = distance(
                    values.map(Double.init), theirs[tensor]!.map(Double.init), scale: 1)
                #expect(change < 1e-4, "\(name): \(tensor)")
            }
            #expect(
                try bench.data("own/model/batches.jsonl")
                    == bench.data("\(name)/model/batches.jsonl"))
        }
    }

    @Test(
        "Several processes continue from a checkpoint with the same bits",
        .enabled("needs VIREO_TRAINERS, a directory with an environment that has torch") {
            hasTorch
        })
    func resumed() async throws {
        let bench = try await started()
        // The steps have four examples, so the processes do not have the same number of them.
        let options: [String: JSONValue] = [
            "processes": .integer(3), "device_batch": .integer(1),
            "precision": .string("bfloat16"),
            "settings": .object(["gradient_checkpointing": .bool(true)]),
        ]
        _ = try await train(bench, as: "ranks", options)
        let whole = try bench.data("ranks/model/model.safetensors")
        for name in ["ranks/model", "ranks.work/checkpoint-6", "ranks.work/attempt-1.partial"] {
            try FileManager.default.removeItem(atPath: "\(bench.directory)/\(name)")
        }
        let log = try await train(bench, as: "ranks", options)
        #expect(log.events.contains(.resumed(step: 5)))
        #expect(try bench.data("ranks/model/model.safetensors") == whole)
    }

    @Test(
        "The gradient of the first step is that of the engine",
        .enabled("needs VIREO_TRAINERS, a directory with an environment that has torch") {
            hasTorch
        })
    func gradient() async throws {
        let bench = try await started()
        _ = try await train(
            bench, as: "one",
            [
                "steps": .integer(1), "warmup": .integer(0), "clip_norm": .number(0),
                "evaluate_every": .integer(0),
            ])
        let data = bench.directory + "/one.work/attempt-1.partial/data"
        let rows = try JSONLines.read(Row.self, from: data + "/rows.jsonl")
        let step = try #require(JSONLines.read(Step.self, from: data + "/steps.jsonl").first)
        let model = try Transformer(directory: bench.directory + "/base/model")
        let trainer = try Trainer(model, threads: 1)
        _ = try trainer.accumulate(
            step.examples.map {
                TrainingSequence(
                    tokens: rows[$0].tokens, from: rows[$0].start,
                    weight: rows[$0].weight / Float(step.divisor))
            })
        let moments = try Self.values(
            bench.directory + "/one.work/checkpoint-1/optimizer.safetensors")
        let layout = ParameterLayout(model.configuration)
        let scale = try #require(
            (0..<layout.count).map { Double(abs(trainer.gradient.pointer[$0])) }.max())
        for tensor in layout.tensors {
            let expected = (0..<tensor.count).map {
                Double(trainer.gradient.pointer[tensor.offset + $0])
            }
            // The first moment after one step is a tenth of the gradient.
            let found = try #require(moments["exp_avg.\(tensor.name)"]).map { Double($0) * 10 }
            #expect(distance(expected, found, scale: scale) < 1e-5, "\(tensor.name)")
        }
    }
}
