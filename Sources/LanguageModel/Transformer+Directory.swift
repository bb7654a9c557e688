import Foundation

extension Transformer {
    /// Reads a Hugging Face model directory: config.json and model.safetensors. Throws for a file that is
    /// missing, truncated or does not fit the other, naming the file and the tensor or field.
    public convenience init(directory: String) throws {
        let configuration = try ModelConfiguration(path: directory + "/config.json")
        let file = try SafeTensors(path: directory + "/model.safetensors")
        // Before memory is taken for what config.json claims, the file must have it.
        for tensor in ParameterLayout(configuration).tensors {
            _ = try file.tensor(tensor.name, shape: tensor.shape)
        }
        try self.init(configuration)
        for tensor in layout.tensors {
            try file.copy(
                tensor.name, shape: tensor.shape, to: parameters.pointer + tensor.offset)
        }
        let known = Set(layout.tensors.map(\.name))
        // Tied checkpoints may carry the embedding a second time.
        let extra = file.tensors.keys.filter { !known.contains($0) && $0 != "lm_head.weight" }
        if let name = extra.min() {
            throw LanguageModelError.malformed(
                path: file.path,
                reason: "the tensor '\(name)' has no place in the model that config.json describes")
        }
    }

    /// Writes config.json, generation_config.json, model.safetensors and tokenizer.json, so that
    /// transformers loads the directory as it is. The directory must exist.
    public func write(directory: String, tokenizer: WordTokenizer?) throws {
        let c = configuration
        try DurableFile.write(Data(c.json.utf8), to: directory + "/config.json")
        let ends = c.endTokens.map(String.init).joined(separator: ", ")
        try DurableFile.write(
            Data(
                "{\n  \"do_sample\": true,\n  \"eos_token_id\": [\(ends)],\n  \"temperature\": 1.0\n}\n"
                    .utf8),
            to: directory + "/generation_config.json")
        try SafeTensors.write(
            layout.tensors.map {
                SafeTensors.Entry($0.name, $0.shape, parameters.pointer + $0.offset)
            }, metadata: ["format": "pt"], to: directory + "/model.safetensors")
        if let tokenizer {
            try DurableFile.write(Data(tokenizer.json.utf8), to: directory + "/tokenizer.json")
        }
    }
}
