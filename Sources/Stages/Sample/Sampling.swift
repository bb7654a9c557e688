import Pipeline

/// The options of the stages that sample.
enum Sampling {
    static let temperature = Option<Double>(
        "temperature", in: 0...100, default: 1, "Sampling temperature.")
    static let topK = Option(
        "top_k", in: 0...16_777_216, default: 0,
        "Draw from this many likeliest tokens alone; 0 for all.")
    static let topP = Option<Double>(
        "top_p", in: .leastNonzeroMagnitude...1, default: 1,
        "Draw from the fewest likeliest tokens that have this probability together.")
    static let minP = Option<Double>(
        "min_p", in: 0...1, default: 0,
        "Draw from tokens that have this share of the likeliest one's probability.")
    static let maxTokens = Option<Int?>("max_tokens", in: 1...1_000_000, "Longest text.")
    static let seed = Option<Int>.seed()

    /// The options of every stage that samples, except for the seed. `summary` describes `max_tokens`.
    static func options(_ summary: String) -> [any OptionDeclaration] {
        [temperature, topK, topP, minP, limit(summary)]
    }

    /// The option of stages that sample from the model's own distribution.
    static func limit(_ summary: String) -> any OptionDeclaration {
        maxTokens.documented("\(summary); without it the limit of the questions' task.")
    }
}
