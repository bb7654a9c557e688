import LanguageModel
import Pipeline
import Reasoning

/// A model with its tokenizer and the format of its texts: what a stage needs to write prompts and to read texts.
protocol FormattedModel {
    var tokenizer: Tokenizer { get }
    var format: TraceFormat { get }

    /// The maximum number of tokens of a sequence.
    var contextLength: Int { get }
}

extension FormattedModel {
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
    /// together with the maximum number of new tokens and `more` tokens after them.
    func fitting(
        _ prompt: [Int32], of question: Question, _ sampling: SamplingOptions,
        beside more: Int = 0
    ) throws -> [Int32] {
        let new = sampling.maxTokens + more
        guard prompt.count + new <= contextLength else {
            throw StageError.longPrompt(
                question: question.id, tokens: prompt.count, new: new, limit: contextLength)
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
