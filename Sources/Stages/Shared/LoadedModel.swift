import LanguageModel
import Pipeline
import Reasoning

/// A model directory with its tokenizer, and the format of the texts it reads and writes: what every stage that
/// runs a model starts from.
struct LoadedModel {
    let transformer: Transformer
    let tokenizer: Tokenizer
    let format: TraceFormat

    /// The option of every stage that shows questions to a model.
    static let format = Option<String?>.file(
        "format",
        "A file with the templates and marks of prompts, traces and answers; without it words between blanks, as generated tasks have them."
    )

    /// The model of an input, with the format that the option `format` names.
    init(of context: StageContext, input: String = "model") throws {
        let directory = context.required(input)
        transformer = try Transformer(directory: directory, threads: context.threads)
        tokenizer = try Tokenizer(path: directory + "/tokenizer.json")
        format =
            try context[Self.format].map { try TraceFormat(file: $0) } ?? .words
    }

    /// A sampler that can find texts as ends.
    func sampler(threads: Int) throws -> Sampler {
        let tokenizer = tokenizer
        return try Sampler(transformer, threads: threads) {
            try tokenizer.decode($0, skippingUnknown: true)
        }
    }

    /// What ends a text with `mark`: a token where the tokenizer has one for it, else the text.
    func ends(with mark: String) -> (tokens: Set<Int32>, texts: [String]) {
        tokenizer.id(of: mark).map { ([$0], []) } ?? ([], [mark])
    }

    /// The text of a continuation without the mark that ended it.
    func text(of continuation: Continuation, before mark: String) throws -> String {
        let tokens = continuation.tokens
        if continuation.stopText != nil {
            return StopTexts([mark]).before(in: try text(of: tokens))
        }
        return try text(of: continuation.isFinished ? Array(tokens.dropLast()) : tokens)
    }

    /// The text of tokens; those that are none are left out.
    func text(of tokens: [Int32]) throws -> String {
        try tokenizer.decode(tokens, skippingUnknown: true)
    }

    /// `prompt`, which belongs to `question`. Throws if it does not fit the model's context with all the tokens
    /// that may be drawn after it: a sampler knows no questions that it could name.
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

    /// The tokens of the prompt before a trace; the posterior's shows `hint`, or else the question's hint or answer.
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
