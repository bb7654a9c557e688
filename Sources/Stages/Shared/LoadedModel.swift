import LanguageModel
import Pipeline
import Reasoning

/// A model with its tokenizer and the format of its texts, loaded by every stage that runs a model.
struct LoadedModel {
    let transformer: Transformer
    let tokenizer: Tokenizer
    let format: TraceFormat

    /// The option of every stage that formats questions for a model.
    static let format = Option<String?>.file(
        "format",
        "A file with the templates and marks of prompts, traces and answers; by default words separated by blanks, as in generated tasks."
    )

    /// The model of an input, with the format of the option `format`.
    init(of context: StageContext, input: String = "model") throws {
        let directory = context.required(input)
        transformer = try Transformer(directory: directory, threads: context.threads)
        tokenizer = try Tokenizer(path: directory + "/tokenizer.json")
        format =
            try context[Self.format].map { try TraceFormat(file: $0) } ?? .words
    }

    /// A sampler that supports stop texts.
    func sampler(threads: Int) throws -> Sampler {
        let tokenizer = tokenizer
        return try Sampler(transformer, threads: threads) {
            try tokenizer.decode($0, skippingUnknown: true)
        }
    }

    /// The stop condition for `mark`: a token if the tokenizer has one, otherwise the text.
    func ends(with mark: String) -> (tokens: Set<Int32>, texts: [String]) {
        tokenizer.id(of: mark).map { ([$0], []) } ?? ([], [mark])
    }

    /// The text of a continuation without the end mark.
    func text(of continuation: Continuation, before mark: String) throws -> String {
        let tokens = continuation.tokens
        if continuation.stopText != nil {
            return StopTexts([mark]).before(in: try text(of: tokens))
        }
        return try text(of: continuation.isFinished ? Array(tokens.dropLast()) : tokens)
    }

    /// The text of tokens. Ids without a token are ignored.
    func text(of tokens: [Int32]) throws -> String {
        try tokenizer.decode(tokens, skippingUnknown: true)
    }

    /// Returns `prompt` of `question`. Throws, naming the question, if it does not fit the context of the model
    /// together with the maximum number of new tokens.
    func fitting(
        _ prompt: [Int32], of question: Question, _ sampling: SamplingOptions
    ) throws -> [Int32] {
        let limit = transformer.configuration.contextLength
        guard prompt.count + sampling.maxTokens <= limit else {
            throw StageError.longPrompt(
                question: question.id, tokens: prompt.count, new: sampling.maxTokens, limit: limit)
        }
        return prompt
    }

    /// The tokens of the prompt before a trace. That of the posterior contains `hint`, or else the hint or
    /// answer of the question.
    func prompt(
        _ question: Question, _ conditioning: Conditioning = .prior, hint: String? = nil
    ) throws -> [Int32] {
        guard conditioning == .posterior else {
            return try tokenizer.encode(format.priorPrompt(question.text))
        }
        let hint = try hint ?? question.hint ?? question.reference
        return try tokenizer.encode(format.posteriorPrompt(question.text, hint: hint))
    }
}
