import Files
import Foundation

/// The files of a Hugging Face model directory, checked for consistency without reading the weights.
package struct ModelFiles {
    package let configuration: ModelConfiguration
    package let tokenizer: Tokenizer

    /// The sorted names of the files that belong to the model, without README and other formats of weights.
    package let names: [String]

    /// The sorted names of all other files in the directory.
    package let others: [String]

    /// The number of parameters.
    package var parameters: Int { ParameterLayout(configuration).count }

    /// Optional files of a model. They are for other programs; the engine reads only the end tokens of
    /// generation_config.json.
    private static let companions = ["generation_config.json"] + tokenizerCompanions

    /// Optional files that belong to the tokenizer, such as the chat template, and do not depend on the
    /// weights.
    private static let tokenizerCompanions = [
        "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja",
    ]

    /// Patterns of the names of model files; `*` matches any text.
    package static let patterns =
        [
            "config.json", "tokenizer.json", "*.safetensors", "model.safetensors.index.json",
        ] + companions

    /// Throws `LanguageModelError` if a file is missing, not supported or inconsistent with the others: every
    /// tensor must exist with its shape, and every token must have a row of the embedding.
    package init(directory: String) throws {
        configuration = try Self.checkedConfiguration(directory: directory)
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

    /// The configuration in a directory whose weight files are complete: every tensor exists with its shape. Files of a
    /// tokenizer are not needed. Throws `LanguageModelError`.
    package static func checkedConfiguration(directory: String) throws -> ModelConfiguration {
        let configuration = try ModelConfiguration(directory: directory)
        try WeightFiles(directory: directory).check(ParameterLayout(configuration))
        return configuration
    }

    /// Copies the optional tokenizer files of the model in `source` to the directory of a model that was
    /// trained from it. Throws if a file cannot be read or written.
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

    /// The single weight file, or the index and its shards.
    package static func weights(_ directory: String) throws -> [String] {
        let (single, index) = ("model.safetensors", "model.safetensors.index.json")
        if FileManager.default.fileExists(atPath: directory + "/" + single) { return [single] }
        return [index] + Set(try WeightFiles.map(in: directory + "/" + index).values)
    }
}
