import LanguageModel
import Pipeline
import Reasoning

/// A model in memory, loaded by every stage that trains a model.
struct LoadedModel: FormattedModel {
    let transformer: Transformer
    let tokenizer: Tokenizer
    let format: TraceFormat

    var contextLength: Int { transformer.configuration.contextLength }

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
        format = try Self.format(of: context)
    }

    /// The format of the option `format`.
    static func format(of context: StageContext) throws -> TraceFormat {
        try context[format].map { try TraceFormat(file: $0) } ?? .words
    }

    /// A sampler that supports stop texts.
    func sampler(threads: Int) throws -> Sampler {
        let tokenizer = tokenizer
        return try Sampler(transformer, threads: threads) {
            try tokenizer.decode($0, skippingUnknown: true)
        }
    }
}
