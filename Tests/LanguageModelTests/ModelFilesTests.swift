import Foundation
import LanguageModel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ModelFilesTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private let tokenizer = Tokenizer(
        words: ["<pad>", "<eos>", "a", "\"b\"", "ok"], special: ["<pad>", "<eos>"])

    @Test("A written model is read back to the bit")
    func roundTrip() throws {
        let path = directory.path
        for ties in [true, false] {
            let model = try smallModel(ties: ties)
            try model.write(directory: path, tokenizer: tokenizer)
            let read = try Transformer(directory: path)
            #expect(read.configuration == model.configuration)
            #expect(read.parameters.array == model.parameters.array)
        }
        #expect(try Tokenizer(path: path + "/tokenizer.json") == tokenizer)
    }

    @Test("Words and ids translate both ways, and unknown ones are named")
    func words() throws {
        #expect(try tokenizer.encode("a  \"b\"\nok") == [2, 3, 4])
        #expect(try tokenizer.decode([2, 3, 4]) == "a \"b\" ok")
        #expect(throws: LanguageModelError.word("c")) { try tokenizer.encode("a c") }
        #expect(
            LanguageModelError.word("c").description
                == "the word 'c' is not in the tokenizer's vocabulary")
        #expect(throws: LanguageModelError.token(id: 5, vocabularySize: 5)) {
            try tokenizer.decode([5])
        }
    }

    @Test("The error for a truncated model file names the missing part")
    func truncated() throws {
        let path = directory.path
        try smallModel().write(directory: path, tokenizer: nil)
        let file = path + "/model.safetensors"
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        try whole.prefix(4).write(to: URL(fileURLWithPath: file))
        #expect(
            message(path) == "\(file): the file is truncated: 4 bytes, a header needs at least 8")
        try whole.prefix(60).write(to: URL(fileURLWithPath: file))
        #expect(message(path).contains("the file is truncated or not a safetensors file"))
        try whole.dropLast(8).write(to: URL(fileURLWithPath: file))
        #expect(
            message(path).hasPrefix(
                "\(file): the file is truncated: 'model.norm.weight' ends at byte"))
        try FileManager.default.removeItem(atPath: file)
        #expect(message(path) == "cannot read \(file): there is no such file")
    }

    @Test("A model whose shapes contradict its configuration is refused")
    func shapes() throws {
        let path = directory.path
        try smallModel().write(directory: path, tokenizer: nil)
        let config = path + "/config.json"
        let text = try String(contentsOfFile: config, encoding: .utf8)
        try text.replacingOccurrences(of: "\"vocab_size\": 29", with: "\"vocab_size\": 30")
            .write(toFile: config, atomically: true, encoding: .utf8)
        #expect(
            message(path)
                == "\(path)/model.safetensors: 'model.embed_tokens.weight' has the shape [29, 20], config.json requires [30, 20]"
        )
    }

    @Test(
        "Features that the engine does not support are refused by name",
        arguments: [
            (
                "\"model_type\": \"qwen3\"", "\"model_type\": \"llama\"",
                "`model_type`: 'llama' is not supported; 'qwen2' and 'qwen3' are"
            ),
            (
                """
                "sliding_window": null,
                  "tie_word_embeddings": true,
                  "torch_dtype": "float32",
                  "use_cache": true,
                  "use_sliding_window": false
                """,
                """
                "max_window_layers": 1, "sliding_window": 16, "tie_word_embeddings": true,
                "use_sliding_window": true
                """,
                "`use_sliding_window`: a sliding window is not supported"
            ),
            (
                "\"rope_scaling\": null", "\"rope_scaling\": {\"factor\": 2}",
                "`rope_scaling`: scaled rotary positions are not supported"
            ),
            (
                "\"rope_scaling\": null", "\"rope_parameters\": {\"rope_type\": \"yarn\"}",
                "`rope_parameters.rope_type`: scaled rotary positions are not supported"
            ),
            (
                "\"rope_scaling\": null",
                "\"layer_types\": [\"full_attention\", \"sliding_attention\"]",
                "`layer_types`: a sliding window is not supported"
            ),
            (
                "\"model_type\": \"qwen3\"", "\"model_type\": \"qwen3_moe\"",
                "`model_type`: 'qwen3_moe' is not supported; 'qwen2' and 'qwen3' are"
            ),
            (
                "\"attention_bias\": false", "\"attention_bias\": true",
                "`attention_bias`: biases are supported only in qwen2 models"
            ),
            (
                "\"hidden_size\": 20", "\"hidden_size\": \"x\"",
                "`hidden_size` must be a positive integer"
            ),
            (
                "\"hidden_size\": 20", "\"hidden_size\": 9223372036854775807",
                "`hidden_size` must be at most 1048576"
            ),
            (
                "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 2147483647",
                "`num_hidden_layers` must be at most 4096"
            ),
            (
                "\"head_dim\": 6", "\"head_dim\": \"6\"",
                "`head_dim` must be a positive integer"
            ),
            ("\"head_dim\": 6", "\"head_dim\": 7", "`head_dim`: 7 is odd"),
            (
                "\"eos_token_id\": 1", "\"eos_token_id\": \"1\"",
                "`eos_token_id` must be a token id or a list of them"
            ),
            (
                "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": \"yes\"",
                "`tie_word_embeddings` must be true or false"
            ),
            (
                "\"use_sliding_window\": false", "\"use_sliding_window\": \"no\"",
                "`use_sliding_window` must be true or false"
            ),
            (
                "\"attention_bias\": false", "\"attention_bias\": \"no\"",
                "`attention_bias` must be true or false"
            ),
            ("\"hidden_act\": \"silu\"", "\"hidden_act\": 5", "`hidden_act` must be a text"),
            (
                "\"rope_scaling\": null", "\"rope_scaling\": {\"type\": 5}",
                "`rope_scaling.type` must be a text"
            ),
            (
                "\"rope_scaling\": null", "\"layer_types\": [\"sliding_attention\", 5]",
                "`layer_types` must be a list of texts"
            ),
            (
                "\"rms_norm_eps\": 1e-06", "\"rms_norm_eps\": -1.5",
                "`rms_norm_eps`: -1.5 is negative or infinite"
            ),
            (
                "\"rope_theta\": 10000.0", "\"rope_theta\": 0.0",
                "`rope_theta`: 0.0 is not a positive number of single precision"
            ),
            (
                "\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3",
                "`num_key_value_heads`: 3 does not divide the 4 heads"
            ),
        ])
    func unsupported(old: String, new: String, expected: String) throws {
        let path = directory.path
        try smallModel().write(directory: path, tokenizer: nil)
        let config = path + "/config.json"
        let text = try String(contentsOfFile: config, encoding: .utf8)
        try text.replacingOccurrences(of: old, with: new)
            .write(toFile: config, atomically: true, encoding: .utf8)
        #expect(message(path) == "\(config): \(expected)")
    }

    @Test("A size that config.json alone claims takes no memory")
    func claims() throws {
        let path = directory.path
        try smallModel().write(directory: path, tokenizer: nil)
        let config = path + "/config.json"
        let text = try String(contentsOfFile: config, encoding: .utf8)
        try text.replacingOccurrences(
            of: "\"intermediate_size\": 28", with: "\"intermediate_size\": 1048576"
        ).replacingOccurrences(of: "\"head_dim\": 6", with: "\"head_dim\": 4096")
            .write(toFile: config, atomically: true, encoding: .utf8)
        #expect(
            message(path)
                == "\(path)/model.safetensors: 'model.layers.0.self_attn.q_proj.weight' has the shape [24, 20], config.json requires [16384, 20]"
        )
    }

    @Test("A shape that the kernels cannot work with is refused")
    func impossibleShapes() throws {
        var shape = try smallModel().configuration
        shape.keyValueHeads = 3
        #expect(
            throws: LanguageModelError.shape(
                "`num_key_value_heads`: 3 does not divide the 4 heads")
        ) { try Transformer(shape) }
        shape.keyValueHeads = 2
        shape.headSize = 7
        #expect(throws: LanguageModelError.shape("`head_dim`: 7 is odd")) {
            try Transformer(shape)
        }
        #expect(
            LanguageModelError.shape("`head_dim`: 7 is odd").description
                == "the model cannot have this shape: `head_dim`: 7 is odd")
    }

    @Test("Bad input is named before anything is computed")
    func badInput() throws {
        let model = try smallModel()
        #expect(throws: LanguageModelError.token(id: 29, vocabularySize: 29)) {
            try model.logits(of: [1, 29])
        }
        #expect(throws: LanguageModelError.emptyPrompt) { try model.logits(of: []) }
        let options = SamplingOptions(temperature: 1, maxTokens: 60, stopTokens: [], seed: 0)
        #expect(throws: LanguageModelError.length(tokens: 65, limit: 64)) {
            try Sampler(model, threads: 1).sample(
                [SamplingRequest(prompt: [1, 2, 3, 4, 5], count: 1, stream: 0)], options)
        }
    }

    @Test("An error is one line, whatever a name holds")
    func controlCharacters() {
        #expect(
            LanguageModelError.word("a\nb\u{1B}[31m").description
                == "the word 'a\\nb\\u{1B}[31m' is not in the tokenizer's vocabulary")
    }

    private func message(_ directory: String) -> String {
        do {
            _ = try Transformer(directory: directory)
            return "no error"
        } catch { return "\(error)" }
    }
}
