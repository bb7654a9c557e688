import ArgumentParser
import LanguageModel

/// What ends a continuation before its limit.
struct StopArguments: ParsableArguments {
    @Option(
        name: .customLong("stop"), parsing: .singleValue,
        help: ArgumentHelp(
            "End at this text, which the answer's text does not show; may be repeated.",
            valueName: "text"))
    var texts: [String] = []

    @Option(
        name: .customLong("stop-token"), parsing: .singleValue,
        help: ArgumentHelp(
            "End with this token instead of the model's end tokens; may be repeated.",
            valueName: "id"))
    var tokens: [Int32] = []

    @Flag(name: .long, help: "Do not end at the model's end tokens.")
    var ignoreEos = false

    func validate() throws {
        if texts.contains("") { throw ValidationError("--stop must not be empty") }
        if let token = tokens.first(where: { $0 < 0 }) {
            throw ValidationError("--stop-token must be 0 or more, which \(token) is not")
        }
    }

    /// The tokens that end a continuation of the model. Throws for those that it does not have, and for
    /// texts if it has no tokenizer.
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
