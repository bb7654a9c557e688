import Foundation
import JSON
import LanguageModel
import Pipeline
import Reasoning
import Stages
import TestSupport
import Testing

/// Reinforcement learning by an engine. A shell script stands in for Python, except in the last tests: `VIREO_TRAINERS`
/// names a directory with the virtual environment `trl`; `Tests/Scripts/trainers.sh install` makes it.
@Suite("Reinforcement learning by an engine", .timeLimit(.minutes(10)), .serialized)
struct ExternalReinforcementTests {
    private static let python: String? =
        ProcessInfo.processInfo.environment["VIREO_TRAINERS"].map { $0 + "/trl/bin/python" }

    private static var hasTRL: Bool {
        python.map { FileManager.default.isExecutableFile(atPath: $0) } ?? false
    }

    private struct Prompt: Decodable {
        let tokens: [Int32]
    }

    private struct Place: Decodable {
        let prompt: Int
    }

    private let bench: Bench

    init() async throws {
        bench = try Bench()
        try await bench.run(
            "ingest.countdown", as: "questions",
            ["train": .integer(6), "demonstrations": .integer(6), "test": .integer(4)])
        try await bench.run(
            "train.pretrain", as: "base",
            [
                "hidden_size": .integer(16), "layers": .integer(1), "heads": .integer(2),
                "key_value_heads": .integer(1), "head_size": .integer(8),
                "intermediate_size": .integer(24), "batch": .integer(4), "steps": .integer(4),
            ])
    }

    private func tokenizer() throws -> Tokenizer {
        try Tokenizer(path: bench.directory + "/base/model/tokenizer.json")
    }

    private func questions() throws -> [Question] {
        try bench.read(Question.self, "questions/train/questions.jsonl")
    }

    /// Writes the stand-in. `train` is what it does as an engine, with the directory of rewards in `$rewards`.
    private func script(_ train: String) throws -> JSONValue {
        try bench.script(
            "python",
            """
            #!/bin/sh
            case $1 in
            -c) echo '{"trl":"1.16.0","torch":"2.13.0","transformers":"5.24.0"}'; exit ;;
            esac
            for settings; do :; done
            field() { sed -n 's/.*"'"$1"'": "\\(.*\\)".*/\\1/p' "$settings"; }
            out=$(field output_dir) rewards=$(field rewards)
            cd '\(bench.directory)'
            ask() {
                cp "$1" "$rewards/asked.partial"
                mv "$rewards/asked.partial" "$rewards/asked-$2.jsonl"
                until [ -e "$rewards/rewards-$2.jsonl" ]; do
                    if [ ! -d "$rewards" ]; then echo 'no rewards' >&2; exit 1; fi
                    sleep 0.05
                done
                cp "$rewards/rewards-$2.jsonl" "rewards-$2.txt"
            }
            \(train)
            """)
    }

    @discardableResult
    private func run(
        as name: String = "final", python: JSONValue, _ options: [String: JSONValue] = [:]
    ) async throws -> Bench.Log {
        let own: [String: JSONValue] = [
            "engine": .string("trl-grpo"), "steps": .integer(4), "batch": .integer(2),
            "group": .integer(2), "max_tokens": .integer(24), "warmup": .integer(0),
            "checkpoint_steps": .integer(2), "python": python,
        ]
        return try await bench.run(
            "train.external", as: name, own.merging(options) { $1 },
            in: ["model": ["base/model"], "questions": ["questions/train"]])
    }

    /// Writes what the engine asks: the tokens of a right answer, of a wrong one, and of a text without an end.
    private func writeAnswers() throws {
        let tokenizer = try tokenizer()
        let format = TraceFormat.words
        let question = try #require(questions().first)
        let lines = try [question.answer, "1", nil].map { answer in
            let texts =
                [format.traceTarget("1 + 1 = 2")] + (answer.map { [format.answerTarget($0)] } ?? [])
            let tokens = try texts.flatMap { try tokenizer.encode($0) }
            return "{\"prompt\":0,\"tokens\":[\(tokens.map(String.init).joined(separator: ","))]}"
        }
        try bench.write(lines, to: "answers.jsonl")
        try TrainerCheckpointTests.write(
            step: 4, to: bench.directory, model: bench.directory + "/base/model",
            history: "{\"step\": 1, \"reward\": 0.5}")
    }

    @Test("The verifier's rewards reach the engine, and prompts are those of sampling")
    func rewards() async throws {
        try writeAnswers()
        let log = try await run(
            python: try script("ask answers.jsonl 1; cp -r checkpoint-4 \"$out\""),
            [
                "reward_correct": .number(2), "reward_format": .number(0.5),
                "reward_other": .number(-1),
            ])
        #expect(
            try String(contentsOfFile: bench.directory + "/rewards-1.txt", encoding: .utf8)
                .split(separator: "\n").map { Double($0) } == [2, 0.5, -1])
        #expect(log.last("accuracy").map { abs($0 - 1.0 / 3) < 1e-12 } == true)
        #expect(log.last("formatted").map { abs($0 - 2.0 / 3) < 1e-12 } == true)
        #expect(log.last("reward") == 0.5)
        #expect(log.last("unjudged") == 0)
        let data = bench.directory + "/final.work/attempt-1.partial"
        let tokenizer = try tokenizer()
        #expect(
            try JSONLines.read(Prompt.self, from: data + "/data/prompts.jsonl").map(\.tokens)
                == questions().map { try tokenizer.encode(TraceFormat.words.priorPrompt($0.text)) })
        let order = try JSONLines.read(Place.self, from: data + "/data/order.jsonl").map(\.prompt)
        #expect(order.count == 8)
        #expect(order.prefix(6).sorted() == Array(0..<6))
        // A text ends at the end of an answer, and nowhere else.
        let end = try #require(tokenizer.id(of: TraceFormat.words.answerEnd))
        let generation = PythonJSON.value(
            try Data(
                contentsOf: URL(fileURLWithPath: data + "/model/generation_config.json")))
        #expect(generation == .object(["eos_token_id": .integer(Int(end))]))
        for name in ["config.json", "tokenizer.json", "generation_config.json"] {
            #expect(try bench.data("final/model/\(name)") == bench.data("base/model/\(name)"))
        }
    }

    @Test("An engine whose rewards cannot be computed ends, and the stage says why")
    func unknownPrompt() async throws {
        try bench.write(["{\"prompt\":77,\"tokens\":[1]}"], to: "answers.jsonl")
        await #expect(throws: EngineError.unknownPrompt(77)) {
            try await run(python: try script("ask answers.jsonl 1; sleep 600"))
        }
        #expect(
            EngineError.unknownPrompt(77).description
                == "the engine asks for the reward of an answer to prompt 77, which does not exist")
    }

    @Test("There must be a token that ends answers")
    func refused() {
        #expect(
            EngineError.noEndToken("</a>").description
                == "the tokenizer has no token for '</a>', with which an answer ends, and the engine needs one: use another `format`, or a tokenizer with this token"
        )
    }

    // MARK: TRL

    private static let options: [String: JSONValue] = [
        // The rewards of a model that knows nothing differ only by length.
        "overlong_buffer": .integer(24), "learning_rate": .number(1e-3), "kl": .number(0.1),
        "minibatches": .integer(2), "group": .integer(4),
    ]

    private func series(_ log: Bench.Log, _ name: String) -> [Double] {
        log.events.compactMap { event in
            guard case .metric(name, _, let value) = event else { return nil }
            return value
        }
    }

    @Test(
        "TRL learns from rewards of Vireo, and its model is one of Vireo",
        .enabled("needs VIREO_TRAINERS, a directory with an environment that has TRL") { hasTRL })
    func learns() async throws {
        let python = JSONValue.string(try #require(Self.python))
        let log = try await run(python: python, Self.options)
        #expect(series(log, "loss").count == 4)
        // A batch of rollouts is for two steps.
        for name in ["accuracy", "formatted", "rollout_tokens", "truncated", "reward"] {
            #expect(series(log, name).count == 2, "\(name)")
        }
        #expect(series(log, "reward").allSatisfy { -1 <= $0 && $0 <= 1 })
        #expect(series(log, "rollout_tokens").allSatisfy { 1 <= $0 && $0 <= 24 })
        #expect(
            try bench.data("final/model/model.safetensors")
                != bench.data("base/model/model.safetensors"))
        try await bench.run(
            "evaluate", as: "evaluation", ["samples": .integer(1)],
            in: ["model": ["final/model"], "questions": ["questions/train"]])
    }

    @Test(
        "GRPO that goes on from a checkpoint gives the bits of one without interruption",
        .enabled("needs VIREO_TRAINERS, a directory with an environment that has TRL") { hasTRL })
    func resumes() async throws {
        let python = JSONValue.string(try #require(Self.python))
        try await run(as: "whole", python: python, Self.options)
        try FileManager.default.copyItem(
            atPath: bench.directory + "/whole.work", toPath: bench.directory + "/parts.work")
        try FileManager.default.removeItem(atPath: bench.directory + "/parts.work/checkpoint-4")
        let log = try await run(as: "parts", python: python, Self.options)
        #expect(log.events.contains(.resumed(step: 2)))
        #expect(
            try bench.data("whole/model/model.safetensors")
                == bench.data("parts/model/model.safetensors"))
    }
}
