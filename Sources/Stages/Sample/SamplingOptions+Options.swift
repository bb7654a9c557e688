import LanguageModel
import Pipeline
import Reasoning

extension SamplingOptions {
    /// Options of every stage that samples, but for the seed.
    static func stageOptions(
        _ summary: String, temperatures: ClosedRange<Double> = 0...100
    ) -> [StageKind.Option] {
        [
            .init(
                "temperature", .number(temperatures), default: .number(1), "Sampling temperature."),
            .init(
                "top_k", .integer(0...16_777_216), default: .integer(0),
                "Draw from this many likeliest tokens alone; 0 for all."),
            .init(
                "top_p", .number(.leastNonzeroMagnitude...1), default: .number(1),
                "Draw from the fewest likeliest tokens that have this probability together."),
            .init(
                "min_p", .number(0...1), default: .number(0),
                "Draw from tokens that have this share of the likeliest one's probability."),
            limitOption(summary),
        ]
    }

    /// The option of stages that sample from the model's own distribution.
    static func limitOption(_ summary: String) -> StageKind.Option {
        .init(
            "max_tokens", .integer(1...1_000_000), default: .null,
            "\(summary); without it the limit of the questions' task.")
    }

    /// What a sampling stage's options say of texts for `questions` that end with `mark`. `limit` is the most
    /// tokens that a task has for them; questions of no generated task need the option `max_tokens`.
    init(
        _ options: Options, of model: LoadedModel, until mark: String, for questions: [Question],
        limit: (any ReasoningTask.Type) -> Int
    ) throws {
        let ends = model.ends(with: mark)
        let most =
            options.isGiven("max_tokens")
            ? options.integer("max_tokens")
            : try Set(questions.map(\.task)).map { name in
                guard let task = ReasoningTasks.named(name) else {
                    throw StageError.missingLimit(task: name)
                }
                return limit(task)
            }.max() ?? 1
        self.init(
            temperature: 1, maxTokens: most, stopTokens: ends.tokens, stopTexts: ends.texts,
            seed: UInt64(options.integer("seed")))
        guard options.isGiven("temperature") else { return }
        temperature = Float(options.number("temperature"))
        topK = options.integer("top_k")
        topP = Float(options.number("top_p"))
        minP = Float(options.number("min_p"))
    }
}
