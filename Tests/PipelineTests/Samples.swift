import Files
import Foundation
import Pipeline

/// Stage kinds that between them have every type of option and input.
enum Samples {
    static let kinds = [ingest, train, sample, weigh, command]

    static let ingest = StageKind(
        name: "ingest.countdown", version: 1, summary: "Makes questions.",
        outputs: [
            StageKind.Output("train", .questions, "To learn from."),
            StageKind.Output("test", .questions, "To be measured on."),
        ],
        options: [
            StageKind.Option("train", .integer(1...1_000_000), default: .integer(100), "How many."),
            StageKind.Option("test", .integer(1...1_000_000), default: .integer(10), "How many."),
            StageKind.Option("seed", .integer(0...Int.max), default: .integer(0), "Randomness."),
            StageKind.Option("extra", .file, default: .null, "More questions."),
            StageKind.Option("parts", .list(.file), default: .array([]), "Yet more questions."),
        ])

    static let train = StageKind(
        name: "train.sft", version: 1, summary: "Trains a model.",
        inputs: [
            StageKind.Input("model", .model, isRequired: false, "To start from."),
            StageKind.Input("data", .questions, "To learn from."),
        ],
        outputs: [StageKind.Output("model", .model, "The trained model.")],
        options: [
            StageKind.Option("epochs", .number(0...1_000), default: .number(3), "Passes."),
            StageKind.Option(
                "learning_rate", .number(.leastNonzeroMagnitude...1), default: nil, "Step size."),
            StageKind.Option(
                "schedule", .choice(["constant", "cosine"]), default: .string("cosine"), "Decay."),
            StageKind.Option("mix", .flag, default: .bool(true), "Whether to mix."),
        ])

    static let sample = StageKind(
        name: "sample.traces", version: 1, summary: "Samples traces.",
        inputs: [
            StageKind.Input("model", .model, "To sample from."),
            StageKind.Input("questions", .questions, "To think about."),
        ],
        outputs: [StageKind.Output("traces", .traces, "What was thought.")],
        options: [
            StageKind.Option(
                "per_question", .integer(1...1_024), default: .integer(1), "How many."),
            StageKind.Option("shard", .shard, default: .string("0/1"), "The part to do."),
            StageKind.Option("note", .text, default: .string(""), "For people."),
        ])

    static let weigh = StageKind(
        name: "weigh", version: 2, summary: "Weighs traces.",
        inputs: [StageKind.Input("traces", .traces, isGathered: true, "To weigh.")],
        outputs: [StageKind.Output("weights", .weights, "How much each counts.")])

    /// Not among `kinds`: its length must be given, in one of two ways.
    static let tune = StageKind(
        name: "tune", version: 1, summary: "Tunes a model.",
        outputs: [StageKind.Output("model", .model, "The tuned model.")],
        options: [
            StageKind.Option("steps", .integer(1...100), default: .null, "Steps."),
            StageKind.Option("epochs", .number(0...100), default: .null, "Passes."),
        ], alternatives: [["steps", "epochs"]])

    static let command = StageKind(
        name: "command", version: 1, summary: "Runs a program.",
        outputs: [StageKind.Output("out", .files, "What it writes.")],
        options: [
            StageKind.Option("argv", .list(.text), default: nil, "The program."),
            StageKind.Option(
                "outputs", .list(.text), default: .array([.string("out")]), "Outputs."),
        ], isOpen: true)

    /// `fragments` are files by path.
    static func parse(
        _ text: String, _ overrides: [String: String] = [:], kinds: [StageKind] = kinds,
        fragments: [String: String] = [:]
    ) -> Checked<Pipeline> {
        Pipeline.parse(
            SourceFile(path: "lab/p.yaml", text: text), kinds: kinds, overrides: overrides
        ) { path in
            guard let text = fragments[path] else { throw POSIXError(.ENOENT) }
            return Data(text.utf8)
        }
    }

    /// The plan of a file without mistakes, whose files all hold their own path.
    static func plan(
        _ text: String, _ overrides: [String: String] = [:], fragments: [String: String] = [:]
    ) throws -> Plan {
        let checked = parse(text, overrides, fragments: fragments)
        guard let pipeline = checked.value else { throw Failure(diagnostics: checked.diagnostics) }
        let plan = pipeline.plan { Digest(of: $0) }
        guard let plan = plan.value else { throw Failure(diagnostics: plan.diagnostics) }
        return plan
    }

    struct Failure: Error, CustomStringConvertible {
        let diagnostics: [Diagnostic]

        var description: String { diagnostics.map(\.description).joined(separator: "\n") }
    }

    static let quickstart = """
        name: quickstart
        description: In minutes.
        params: { seed: 0, traces: 8 }

        stages:
          traces:
            uses: sample.traces
            in: { model: prior, questions: questions.train }
            matrix: { shard: [0, 1, 2, 3] }
            with: { per_question: ${params.traces}, shard: "${matrix.shard}/4" }

          questions:
            uses: ingest.countdown
            with: { train: 1000, test: 400, seed: ${params.seed} }

          prior:
            uses: train.sft
            in: { data: questions.train }
            with: { epochs: 3, learning_rate: 1e-3 }
            resources: { cpus: 2, memory: 2GB, time: 1h30m }

          weights:
            uses: weigh
            in: { traces: traces }
            needs: prior
        """
}
