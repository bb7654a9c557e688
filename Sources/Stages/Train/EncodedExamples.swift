import LanguageModel
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

    let examples: [Example]
    let sequences: [Sequence]

    /// The examples of an input. Throws if there are none, or if one has more than `contextLength` tokens.
    init(
        _ input: String, _ directory: String, tokenizer: Tokenizer, format: TraceFormat,
        contextLength: Int, _ texts: Texts
    ) throws {
        examples = try JSONLines.read(Example.self, in: directory)
        guard !examples.isEmpty else { throw StageError.empty("examples", input: input) }
        sequences = try examples.map { example in
            let parts = try texts(example, format).map { try tokenizer.encode($0) }
            let tokens = Array(parts.joined())
            guard tokens.count <= contextLength else {
                throw StageError.tooLong(
                    question: example.question, tokens: tokens.count, limit: contextLength)
            }
            return Sequence(
                tokens: tokens, start: parts[0].count, weight: Float(example.weight))
        }
    }
}
