import Files
import Foundation

/// The files of a Hugging Face model directory, checked against each other without reading the weights.
package struct ModelFiles {
    package let configuration: ModelConfiguration
    package let tokenizer: Tokenizer

    /// The names of the files that make the model, in order: no README and no weights of other kinds.
    package let names: [String]

    /// The names of everything else in the directory, in order.
    package let others: [String]

    /// The number of parameters.
    package var parameters: Int { ParameterLayout(configuration).count }

    /// Files that a model can do without. Other programs read them; the engine reads the end tokens of
    /// generation_config.json alone.
    private static let companions = ["generation_config.json"] + tokenizerCompanions

    /// What belongs to the tokenizer, such as the template of chats, whatever the weights are.
    private static let tokenizerCompanions = [
        "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja",
    ]

    /// What the names of a model's files look like; `*` stands for any text.
    package static let patterns =
        [
            "config.json", "tokenizer.json", "*.safetensors", "model.safetensors.index.json",
        ] + companions

    /// Throws for a file that is missing, is not supported or does not fit the others: every tensor must be
    /// there with its shape, and every token must have a row of the embedding.
    package init(directory: String) throws {
        configuration = try ModelConfiguration(directory: directory)
        try WeightFiles(directory: directory).check(ParameterLayout(configuration))
        let path = directory + "/tokenizer.json"
        tokenizer = try Tokenizer(path: path)
        guard tokenizer.vocabularySize <= configuration.vocabularySize else {
            throw LanguageModelError.malformed(
                path: path,
                reason:
                    "it has \(tokenizer.vocabularySize) tokens, config.json only \(configuration.vocabularySize)"
            )
        }
        let all = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        let weights = try Self.weights(directory)
        let wanted = Set(["config.json", "tokenizer.json"] + weights + Self.companions)
        names = all.filter { wanted.contains($0) }
        others = all.filter { !wanted.contains($0) }
    }

    /// Copies what belongs to the tokenizer of the model in `source` to the directory of one that was trained
    /// from it. Throws for files that cannot be read or written.
    package static func copyTokenizerCompanions(
        from source: String, to directory: String
    ) throws {
        for name in tokenizerCompanions {
            let path = "\(source)/\(name)"
            guard FileManager.default.fileExists(atPath: path) else { continue }
            let file = try MappedFile(path: path)
            try DurableFile.write(Data(file.bytes), to: "\(directory)/\(name)")
        }
    }

    /// The single file of weights, or the index and the shards that it names.
    private static func weights(_ directory: String) throws -> [String] {
        let (single, index) = ("model.safetensors", "model.safetensors.index.json")
        if FileManager.default.fileExists(atPath: directory + "/" + single) { return [single] }
        return [index] + Set(try WeightFiles.map(in: directory + "/" + index).values)
    }
}
