import Foundation
import LanguageModel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ModelConfigurationTests {
    private let temporary: TemporaryDirectory
    private var directory: String { temporary.path }

    init() throws { temporary = try TemporaryDirectory() }

    /// What is read of a config.json with these members beside those of a small model; null takes one out.
    private func read(_ members: [String: Any], type: String = "qwen3") throws -> ModelConfiguration
    {
        var all: [String: Any] = [
            "model_type": type, "vocab_size": 29, "hidden_size": 20, "intermediate_size": 28,
            "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2,
            "head_dim": 6, "max_position_embeddings": 64,
        ]
        all.merge(members) { $1 }
        try JSONSerialization.data(withJSONObject: all)
            .write(to: URL(fileURLWithPath: directory + "/config.json"))
        return try ModelConfiguration(directory: directory)
    }

    private func refusal(_ members: [String: Any], type: String = "qwen3") -> String {
        do {
            _ = try read(members, type: type)
            return "read"
        } catch { return "\(error)".replacingOccurrences(of: directory, with: "DIR") }
    }

    @Test("The base of rotary positions is that of rope_parameters, else the one at the top")
    func ropeTheta() throws {
        let base: [String: Any] = ["rope_theta": 500_000.0]
        #expect(try read(base).ropeTheta == 500_000)
        for parameters in [[:], ["rope_type": "default"]] as [[String: String]] {
            let members = base.merging(["rope_parameters": parameters]) { $1 }
            #expect(try read(members).ropeTheta == 500_000)
        }
        #expect(
            try read(base.merging(["rope_parameters": ["rope_theta": 30_000.0]]) { $1 }).ropeTheta
                == 30_000)
        #expect(try read(["rope_parameters": ["rope_type": "default"]]).ropeTheta == 10_000)
    }

    @Test("Scaled positions are refused in either place, though the other has none")
    func scaling() {
        #expect(
            refusal([
                "rope_scaling": ["rope_type": "default"],
                "rope_parameters": ["rope_type": "yarn", "factor": 4.0],
            ])
                == "DIR/config.json: `rope_parameters.rope_type`: scaled rotary positions are not supported"
        )
    }

    @Test("A text ends at the end tokens of config.json and of generation_config.json")
    func endTokens() throws {
        func generation(_ text: String) throws {
            try text.write(
                toFile: directory + "/generation_config.json", atomically: true, encoding: .utf8)
        }
        try generation(#"{"eos_token_id": [7, 5, 9], "temperature": 0.6}"#)
        #expect(try read(["eos_token_id": 5]).endTokens == [5, 7, 9])
        #expect(try read([:]).endTokens == [7, 5, 9])
        try generation(#"{"eos_token_id": 11}"#)
        #expect(try read(["eos_token_id": [5, 6]]).endTokens == [5, 6, 11])
        try generation("{}")
        #expect(try read(["eos_token_id": 5]).endTokens == [5])
        try generation(#"{"eos_token_id": "x"}"#)
        #expect(
            refusal([:])
                == "DIR/generation_config.json: `eos_token_id` must be a token id or a list of them"
        )
    }

    @Test("attention_bias says nothing about qwen2, which always has biases")
    func biases() throws {
        #expect(try read(["attention_bias": true], type: "qwen2").architecture == .qwen2)
        #expect(
            refusal(["attention_bias": true])
                == "DIR/config.json: `attention_bias`: biases are supported only in qwen2 models")
    }

    @Test("A sliding window begins after the first 28 layers unless the file says otherwise")
    func slidingWindow() throws {
        let window: [String: Any] = ["use_sliding_window": true, "sliding_window": 16]
        let refused =
            "DIR/config.json: `use_sliding_window`: a sliding window is not supported"
        #expect(refusal(window) == "read")
        #expect(refusal(window.merging(["num_hidden_layers": 29]) { $1 }) == refused)
        #expect(refusal(window.merging(["max_window_layers": 0]) { $1 }) == refused)
        #expect(refusal(window.merging(["max_window_layers": 2]) { $1 }) == refused)
        #expect(refusal(window.merging(["max_window_layers": 3]) { $1 }) == "read")
        #expect(
            refusal(window.merging(["max_window_layers": -1]) { $1 })
                == "DIR/config.json: `max_window_layers` must be 0 or a positive integer")
        // transformers has a default for a window that is missing, not for one that is null.
        #expect(refusal(["use_sliding_window": true, "max_window_layers": 0]) == refused)
        #expect(
            refusal([
                "use_sliding_window": true, "sliding_window": NSNull(), "max_window_layers": 0,
            ])
                == "read")
    }
}
