import Foundation
import JSON

extension ModelConfiguration {
    /// Reads a config.json. Throws `LanguageModelError` for features that the engine does not support: other
    /// architectures, scaled rotary positions, sliding windows. Sizes are limited so that the number of
    /// parameters does not overflow.
    public init(path: String) throws {
        let json = try JSONFile(path: path)
        func refuse(_ field: String, _ reason: String) -> LanguageModelError {
            .unsupported(path: path, field: field, reason: reason)
        }
        let type = try json.text("model_type")
        guard let architecture = Architecture(rawValue: type) else {
            throw refuse("model_type", "'\(type)' is not supported; 'qwen2' and 'qwen3' are")
        }
        // qwen2 models have biases of queries, keys and values, whatever this field says.
        if try json.flag("attention_bias"), architecture != .qwen2 {
            throw refuse("attention_bias", "biases are supported only in qwen2 models")
        }
        try Self.checkAttention(json, refuse)
        let activation = try json.text("hidden_act", default: "silu")
        guard activation == "silu" else {
            throw refuse("hidden_act", "'\(activation)' is not supported; 'silu' is")
        }
        for name in ["rope_scaling", "rope_parameters"] where json.has(name) {
            let scaling = try json.object(name)
            let kind = try scaling.text(
                "rope_type", default: try scaling.text("type", default: "default"))
            guard kind == "default", !scaling.has("factor") else {
                throw refuse(
                    name == "rope_scaling" ? name : "rope_parameters.rope_type",
                    "scaled rotary positions are not supported")
            }
        }
        let (hidden, heads) = (
            try json.positive("hidden_size", limit: 1 << 20),
            try json.positive("num_attention_heads", limit: 1 << 12)
        )
        self.init(
            architecture: architecture,
            vocabularySize: try json.positive("vocab_size", limit: 1 << 24), hiddenSize: hidden,
            intermediateSize: try json.positive("intermediate_size", limit: 1 << 20),
            layers: try json.positive("num_hidden_layers", limit: 1 << 12), heads: heads,
            keyValueHeads: try json.positive("num_key_value_heads", limit: 1 << 12),
            headSize: json.has("head_dim")
                ? try json.positive("head_dim", limit: 1 << 12) : hidden / heads,
            contextLength: try json.positive("max_position_embeddings", limit: 1 << 20),
            normEpsilon: json.has("rms_norm_eps") ? Float(try json.number("rms_norm_eps")) : 1e-6,
            ropeTheta: try Self.ropeTheta(json),
            tiesEmbeddings: try json.flag("tie_word_embeddings"),
            endTokens: try Self.endTokens(json))
        if let (field, reason) = mistake { throw refuse(field, reason) }
    }

    /// Reads config.json of a model directory, and adds the end tokens of generation_config.json if it exists.
    /// Throws as `init(path:)` does.
    public init(directory: String) throws {
        try self.init(path: directory + "/config.json")
        let path = directory + "/generation_config.json"
        guard FileManager.default.fileExists(atPath: path) else { return }
        for token in try Self.endTokens(try JSONFile(path: path)) where !endTokens.contains(token) {
            endTokens.append(token)
        }
    }

    /// transformers 5 moved `rope_theta` into `rope_parameters`, and falls back to the top level.
    private static func ropeTheta(_ json: JSONFile) throws -> Double {
        if json.has("rope_parameters") {
            let rope = try json.object("rope_parameters")
            if rope.has("rope_theta") { return try rope.number("rope_theta") }
        }
        return json.has("rope_theta") ? try json.number("rope_theta") : 10_000
    }

    private static func endTokens(_ json: JSONFile) throws -> [Int32] {
        guard json.has("eos_token_id") else { return [] }
        let wrong = json.wrong("eos_token_id", "a token id or a list of them")
        func id(_ node: JSONValue?) throws -> Int32 {
            guard case .integer(let id)? = node else { throw wrong }
            return Int32(clamping: id)
        }
        guard case .array(let nodes)? = json.fields["eos_token_id"] else {
            return [try id(json.fields["eos_token_id"])]
        }
        return try nodes.map { try id($0) }
    }

    /// Accepts a description of a sliding window if no layer uses it.
    private static func checkAttention(
        _ json: JSONFile, _ refuse: (String, String) -> LanguageModelError
    ) throws {
        let reason = "a sliding window is not supported"
        if json.has("layer_types") {
            guard case .array(let types)? = json.fields["layer_types"],
                types.allSatisfy({ if case .string = $0 { true } else { false } })
            else { throw json.wrong("layer_types", "a list of texts") }
            if types.contains(where: { $0 != .string("full_attention") }) {
                throw refuse("layer_types", reason)
            }
            return
        }
        // A null window means none; a missing one means the default.
        guard try json.flag("use_sliding_window"), json.fields["sliding_window"] != .null else {
            return
        }
        // The first layers have no window; 28 is the default of transformers.
        let full = json.has("max_window_layers") ? try json.count("max_window_layers") : 28
        if full < (try json.positive("num_hidden_layers", limit: Int.max)) {
            throw refuse("use_sliding_window", reason)
        }
    }

    /// The configuration as a config.json that transformers reads.
    package var json: String {
        let ends =
            endTokens.count == 1
            ? "\(endTokens[0])" : "[\(endTokens.map(String.init).joined(separator: ", "))]"
        return """
            {
              "architectures": ["\(architecture == .qwen2 ? "Qwen2" : "Qwen3")ForCausalLM"],
              "model_type": "\(architecture.rawValue)",
              "attention_bias": false,
              "attention_dropout": 0.0,
              "eos_token_id": \(endTokens.isEmpty ? "null" : ends),
              "head_dim": \(headSize),
              "hidden_act": "silu",
              "hidden_size": \(hiddenSize),
              "initializer_range": 0.02,
              "intermediate_size": \(intermediateSize),
              "max_position_embeddings": \(contextLength),
              "num_attention_heads": \(heads),
              "num_hidden_layers": \(layers),
              "num_key_value_heads": \(keyValueHeads),
              "rms_norm_eps": \(normEpsilon),
              "rope_scaling": null,
              "rope_theta": \(ropeTheta),
              "sliding_window": null,
              "tie_word_embeddings": \(tiesEmbeddings),
              "torch_dtype": "float32",
              "use_cache": true,
              "use_sliding_window": false,
              "vocab_size": \(vocabularySize)
            }

            """
    }
}
