import Pipeline

/// The options of stages that sample.
enum Sampling {
    static let temperature = Option<Double>(
        "temperature", in: 0...100, default: 1, "Sampling temperature.")
    static let topK = Option(
        "top_k", in: 0...16_777_216, default: 0,
        "Sample from this number of most likely tokens; 0 for all.")
    static let topP = Option<Double>(
        "top_p", in: .leastNonzeroMagnitude...1, default: 1,
        "Sample from the smallest set of most likely tokens with this total probability.")
    static let minP = Option<Double>(
        "min_p", in: 0...1, default: 0,
        "Sample from tokens with at least this share of the probability of the most likely one.")
    static let maxTokens = Option<Int?>(
        "max_tokens", in: 1...1_000_000, "The maximum number of tokens of a text.")
    static let stopsAtContext = Option(
        "stop_at_context", default: false,
        "Whether a text ends where the context of the model does, if that comes before `max_tokens`; otherwise a prompt that leaves no room for `max_tokens` is an error."
    ).addedLater
    static let seed = Option<Int>.seed()

    /// The options of every stage that samples, except the seed. `summary` describes `max_tokens`.
    static func options(_ summary: String) -> [any OptionDeclaration] {
        [temperature, topK, topP, minP, limit(summary)]
    }

    /// The option of stages that sample from the unmodified distribution of the model.
    static func limit(_ summary: String) -> any OptionDeclaration {
        maxTokens.documented("\(summary); by default the limit of the task.")
    }
}
