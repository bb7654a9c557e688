import LanguageModel
import Pipeline

extension SamplingOptions {
    /// Options of every stage that samples, but for the seed.
    static func stageOptions(
        maxTokens: Int, _ summary: String, temperatures: ClosedRange<Double> = 0...100
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
            .init("max_tokens", .integer(1...1_000_000), default: .integer(maxTokens), summary),
        ]
    }

    /// What a sampling stage's options say.
    init(_ options: Options, stopTokens: Set<Int32>) {
        self.init(
            temperature: Float(options.number("temperature")), topK: options.integer("top_k"),
            topP: Float(options.number("top_p")), minP: Float(options.number("min_p")),
            maxTokens: options.integer("max_tokens"), stopTokens: stopTokens,
            seed: UInt64(options.integer("seed")))
    }
}
