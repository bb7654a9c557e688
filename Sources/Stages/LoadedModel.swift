import LanguageModel
import Pipeline

/// A model directory with its tokenizer: what every stage that runs a model starts from.
struct LoadedModel {
    let transformer: Transformer
    let tokenizer: Tokenizer

    /// The input `model` of a stage.
    init(of context: StageContext) throws {
        let directory = context.required("model")
        transformer = try Transformer(directory: directory, threads: context.threads)
        tokenizer = try Tokenizer(path: directory + "/tokenizer.json")
    }

    /// The id of a word that the model must know.
    func id(_ word: String) throws -> Int32 {
        guard let id = tokenizer.id(of: word) else { throw LanguageModelError.word(word) }
        return id
    }
}
