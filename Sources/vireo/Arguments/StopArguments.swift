import ArgumentParser
import LanguageModel

/// The arguments that end a continuation before its token limit.
struct StopArguments: ParsableArguments {
    @Option(
        name: .customLong("stop"), parsing: .singleValue,
        help: ArgumentHelp(
            "Stop at this text and truncate the output before it; may be repeated.",
            valueName: "text"))
    var texts: [String] = []

    @Option(
        name: .customLong("stop-token"), parsing: .singleValue,
        help: ArgumentHelp(
            "Stop after this token instead of the model's end tokens; may be repeated.",
            valueName: "id"))
    var tokens: [Int32] = []

    @Flag(name: .long, help: "Do not stop at the model's end tokens.")
    var ignoreEos = false

    func validate() throws {
        if texts.contains("") { throw ValidationError("--stop must not be empty") }
        if let token = tokens.first(where: { $0 < 0 }) {
            throw ValidationError("--stop-token must be 0 or more, not \(token)")
        }
    }

    /// The stop tokens for a model. Throws if a token is not in its vocabulary, or if texts were given and it has no
    /// tokenizer.
    func tokens(of model: ModelDirectory) throws -> Set<Int32> {
        let configuration = model.transformer.configuration
        if let token = tokens.first(where: { $0 >= configuration.vocabularySize }) {
            throw CommandError.stopToken(token, vocabularySize: configuration.vocabularySize)
        }
        if !texts.isEmpty, model.tokenizer == nil {
            throw CommandError.stopWithoutTokenizer
        }
        return Set(tokens.isEmpty && !ignoreEos ? configuration.endTokens : tokens)
    }
}
