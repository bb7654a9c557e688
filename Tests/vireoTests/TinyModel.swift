import Foundation
import LanguageModel

/// A random model of one small layer, and a tokenizer of a few words and one that ends a text.
struct TinyModel {
    private let model: Transformer
    private let tokenizer: Tokenizer

    init(words: [String]) throws {
        tokenizer = Tokenizer(words: words + ["<eos>"], special: ["<eos>"])
        model = try Transformer(
            ModelConfiguration(
                vocabularySize: words.count + 1, hiddenSize: 8, intermediateSize: 8, layers: 1,
                heads: 2, keyValueHeads: 1, headSize: 4, contextLength: 16,
                endTokens: [Int32(words.count)]))
        model.initialize(seed: 1)
    }

    /// Writes the model to a new directory, with or without its tokenizer.
    func write(to directory: String, withWords: Bool = true) throws {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        try model.write(directory: directory, tokenizer: withWords ? tokenizer : nil)
    }
}
