import Files
import Foundation

extension Transformer {
    /// Loads a Hugging Face model directory: config.json, the end tokens of generation_config.json, and
    /// model.safetensors or its shards in float32, bfloat16 or float16. Throws `LanguageModelError`, which
    /// names the file and the tensor or field, if a file is missing, truncated or inconsistent with the others,
    /// or if weights are not finite.
    public convenience init(directory: String, threads: Int = 1) throws {
        let configuration = try ModelConfiguration(directory: directory)
        let files = try WeightFiles(directory: directory)
        // Check the files before allocating the memory that config.json requires.
        try files.check(ParameterLayout(configuration))
        try self.init(configuration)
        try files.copy(layout, to: parameters.pointer, threads: threads)
    }

    /// Writes config.json, generation_config.json, model.safetensors (float32) and tokenizer.json, which
    /// transformers can load. The directory must exist. Throws `LanguageModelError.unwritable`.
    public func write(directory: String, tokenizer: Tokenizer?) throws {
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
            try tokenizer.write(to: directory + "/tokenizer.json")
        }
    }
}
