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

    /// Files that a model can do without; the engine reads none of them, but other programs do.
    private static let companions = [
        "generation_config.json", "tokenizer_config.json", "special_tokens_map.json",
        "chat_template.jinja",
    ]

    /// What the names of a model's files look like; `*` stands for any text.
    package static let patterns =
        [
            "config.json", "tokenizer.json", "*.safetensors", "model.safetensors.index.json",
        ] + companions

    /// Throws for a file that is missing, is not supported or does not fit the others: every tensor must be
    /// there with its shape, and every token must have a row of the embedding.
    package init(directory: String) throws {
        configuration = try ModelConfiguration(path: directory + "/config.json")
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

    /// The single file of weights, or the index and the shards that it names.
    private static func weights(_ directory: String) throws -> [String] {
        let (single, index) = ("model.safetensors", "model.safetensors.index.json")
        if FileManager.default.fileExists(atPath: directory + "/" + single) { return [single] }
        return [index] + Set(try WeightFiles.map(in: directory + "/" + index).values)
    }
}
