import LanguageModel
import Pipeline
import Reasoning

/// The examples of a data set, and their tokens.
struct EncodedExamples {
    /// The prompt of an example and the texts after it. Each is tokenized separately, so that the tokens are
    /// those that scoring uses.
    typealias Texts = (Example, TraceFormat) throws -> [String]

    /// A tokenized example, supervised from `start` on.
    struct Sequence {
        let tokens: [Int32]
        let start: Int
        let weight: Float
        var supervised: Int { tokens.count - start }
    }

    static let cutoff = Option<Int?>(
        "cutoff_length", in: 1...100_000_000,
        "The number of tokens, with those of the prompt, after which an example is cut: it is then learnt without its end. By default an example that is longer than the context of the model is an error."
    ).addedLater

    let examples: [Example]
    let sequences: [Sequence]

    /// The number of examples that are cut.
    let cut: Int

    /// The examples of an input, cut after `cutoff` tokens. Throws if there are none, if one has more than
    /// `contextLength` tokens then, or if nothing is left after a prompt.
    init(
        _ input: String, _ directory: String, tokenizer: Tokenizer, format: TraceFormat,
        contextLength: Int, cutoff: Int?, _ texts: Texts
    ) throws {
        examples = try JSONLines.read(Example.self, in: directory)
        guard !examples.isEmpty else { throw StageError.empty("examples", input: input) }
        var cut = 0
        sequences = try examples.map { example in
            let parts = try texts(example, format).map { try tokenizer.encode($0) }
            var tokens = Array(parts.joined())
            if let cutoff, tokens.count > cutoff {
                guard parts[0].count < cutoff else {
                    throw StageError.cutPrompt(
                        question: example.question, tokens: parts[0].count, cutoff: cutoff)
                }
                tokens.removeLast(tokens.count - cutoff)
                cut += 1
            }
            guard tokens.count <= contextLength else {
                throw StageError.tooLong(
                    question: example.question, tokens: tokens.count, limit: contextLength)
            }
            return Sequence(
                tokens: tokens, start: parts[0].count, weight: Float(example.weight))
        }
        self.cut = cut
    }

    /// Reports the number of examples that are cut, if the stage may cut any.
    func reportCut(in context: StageContext) {
        guard context[Self.cutoff] != nil else { return }
        context.emit(.metric(name: "cut_examples", step: 0, value: Double(cut)))
    }
}
