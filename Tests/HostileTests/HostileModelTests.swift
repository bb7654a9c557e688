import Foundation
import FuzzSubjects
import Testing

@Suite("Hostile model files", .timeLimit(.minutes(10)))
struct HostileModelTests {
    private let victim: Victim

    init() throws { victim = try Victim() }

    // MARK: - safetensors

    /// A file with this header and `count` bytes behind it.
    private static func file(_ header: String, _ count: Int = 0) -> [UInt8] {
        length(header.utf8.count) + Array(header.utf8) + [UInt8](repeating: 0, count: count)
    }

    private static func length(_ count: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    }

    private static func tensor(
        _ shape: String, _ ends: String, type: String = "F32", name: String = "a"
    ) -> String {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(ends)}"
    }

    private static let weights = [
        Hostile("safetensors: empty", bytes: { [] }),
        Hostile("safetensors: seven bytes", bytes: { [1, 2, 3, 4, 5, 6, 7] }),
        Hostile(
            "safetensors: a header longer than the file", bytes: { length(1_000) + [0x7B, 0x7D] }),
        Hostile(
            "safetensors: a header of 2^64 - 1 bytes",
            bytes: { [UInt8](repeating: 255, count: 64) }),
        Hostile(
            "safetensors: a header of 2^63 bytes",
            bytes: { [0, 0, 0, 0, 0, 0, 0, 0x80] + [0x7B, 0x7D] }),
        Hostile("safetensors: a header that is no JSON", bytes: { file("{\"a\"") }),
        Hostile("safetensors: a header that is a list", bytes: { file("[]") }),
        Hostile(
            "safetensors: a header that is not UTF-8", bytes: { length(3) + [0x7B, 0xFF, 0x7D] }),
        Hostile("safetensors: NULs for a header", bytes: { file("\u{0}" * 8) }),
        Hostile("safetensors: 100,000 levels", bytes: { file("{\"a\":" + "[" * 100_000) }),
        Hostile(
            "safetensors: two million numbers",
            bytes: { file("{\"a\":[" + "0," * 2_000_000 + "0]}") }),
        Hostile(
            "safetensors: the same name twice",
            bytes: {
                file("{" + tensor("[1]", "[0,4]") + "," + tensor("[1]", "[4,8]") + "}", 8)
            }),
        Hostile(
            "safetensors: overlapping",
            bytes: {
                file(
                    "{" + tensor("[2]", "[0,8]") + "," + tensor("[2]", "[4,12]", name: "b") + "}",
                    12)
            }),
        Hostile(
            "safetensors: a gap",
            bytes: {
                file(
                    "{" + tensor("[1]", "[0,4]") + "," + tensor("[1]", "[8,12]", name: "b") + "}",
                    12)
            }),
        Hostile(
            "safetensors: bytes behind the last",
            bytes: { file("{" + tensor("[1]", "[0,4]") + "}", 5) }),
        Hostile(
            "safetensors: beyond the file", bytes: { file("{" + tensor("[2]", "[0,8]") + "}", 4) }),
        Hostile(
            "safetensors: an end before its start",
            bytes: { file("{" + tensor("[1]", "[4,0]") + "}", 4) }),
        Hostile(
            "safetensors: negative offsets",
            bytes: { file("{" + tensor("[1]", "[-4,0]") + "}", 4) }),
        Hostile(
            "safetensors: a negative shape",
            bytes: { file("{" + tensor("[-1,-1]", "[0,4]") + "}", 4) }),
        Hostile(
            "safetensors: a shape of 2^64",
            bytes: {
                file("{" + tensor("[4294967296,4294967296]", "[0,4]") + "}", 4)
            }),
        Hostile(
            "safetensors: a shape of 2^62 with a zero",
            bytes: {
                file("{" + tensor("[4294967296,4294967296,0]", "[0,4]") + "}", 4)
            }),
        Hostile(
            "safetensors: a shape of fractions",
            bytes: { file("{" + tensor("[1.5]", "[0,4]") + "}", 4) }),
        Hostile(
            "safetensors: a number of 30 digits",
            bytes: {
                file("{" + tensor("[1]", "[0,999999999999999999999999999999]") + "}", 4)
            }),
        Hostile(
            "safetensors: too few bytes for its shape",
            bytes: { file("{" + tensor("[3]", "[0,8]") + "}", 8) }),
        Hostile(
            "safetensors: metadata that is no text",
            bytes: { file("{\"__metadata__\":{\"a\":1}}") }),
        Hostile(
            "safetensors: an escape sequence in a name",
            bytes: {
                file("{" + tensor("[1]", "[0,8]", name: "\\u001b[2J") + "}", 8)
            }),
        Hostile(
            "safetensors: a name of a megabyte",
            bytes: {
                file("{" + tensor("[1]", "[0,8]", name: "n" * (1 << 20)) + "}", 8)
            }),
    ]

    @Test("Weights", arguments: weights)
    private func readWeights(fixture: Hostile) throws {
        let file = try victim.write(fixture.bytes(), "model.safetensors")
        let result = try victim.examine(file, as: .safetensors)
        expect(result, 1, fixture.name)
    }

    @Test("A header over 100 MB is refused before it is read")
    func longHeader() throws {
        let file = try victim.write(Self.length(100_000_001), "model.safetensors")
        #expect(truncate(file, 1 << 31) == 0)
        expect(
            try victim.examine(file, as: .safetensors), 1,
            "safetensors: long header")
    }

    @Test(
        "A pipe is no file of weights",
        arguments: [Subject.safetensors, .configuration, .tokenizer])
    func pipe(subject: Subject) throws {
        let file = victim.path("pipe")
        #expect(mkfifo(file, 0o600) == 0)
        #expect(
            try victim.examine(file, as: subject)
                == .init(status: 1, output: "cannot read pipe: it is not a regular file"))
    }

    // MARK: - config.json

    private static func configuration(_ changes: [String: String]) -> String {
        var fields = [
            "model_type": "\"qwen2\"", "vocab_size": "32", "hidden_size": "8",
            "intermediate_size": "16", "num_hidden_layers": "2", "num_attention_heads": "2",
            "num_key_value_heads": "1", "max_position_embeddings": "64",
        ]
        for (name, value) in changes { fields[name] = value }
        return "{"
            + fields.sorted { $0.key < $1.key }.map { "\"\($0)\":\($1)" }.joined(separator: ",")
            + "}"
    }

    private static let configurations = [
        Hostile("config: empty", ""),
        Hostile("config: no JSON", "{\n\"a\": nope}"),
        Hostile("config: NaN", "{\"rope_theta\": NaN}"),
        Hostile("config: a field twice", "{\"vocab_size\":1,\"vocab_size\":2}"),
        Hostile("config: not UTF-8", bytes: { [0x7B, 0xFF, 0x7D] }),
        Hostile("config: 100,000 levels", "[" * 100_000),
        Hostile(
            "config: a vocabulary of 2^62", configuration(["vocab_size": "4611686018427387904"])),
        Hostile("config: a hidden size of 2^31", configuration(["hidden_size": "2147483648"])),
        Hostile("config: a million layers", configuration(["num_hidden_layers": "1000000"])),
        Hostile("config: no heads", configuration(["num_attention_heads": "0"])),
        Hostile(
            "config: more heads than numbers", configuration(["num_attention_heads": "4096"])),
        Hostile("config: a negative size", configuration(["intermediate_size": "-1"])),
        Hostile("config: a size that is a fraction", configuration(["hidden_size": "8.5"])),
        Hostile("config: a size that is a text", configuration(["hidden_size": "\"8\""])),
        Hostile("config: true for a size", configuration(["hidden_size": "true"])),
        Hostile(
            "config: a context of 10^12",
            configuration(["max_position_embeddings": "1000000000000"])),
        Hostile("config: a base of 10^400", configuration(["rope_theta": "1e400"])),
        Hostile("config: a negative epsilon", configuration(["rms_norm_eps": "-1"])),
        Hostile("config: an end token of text", configuration(["eos_token_id": "[1,\"x\"]"])),
        Hostile(
            "config: an architecture of control characters",
            configuration(["model_type": "\"\\u001b[31m\\u0007\""])),
    ]

    @Test("Configurations", arguments: configurations)
    private func readConfigurations(fixture: Hostile) throws {
        let file = try victim.write(fixture.bytes(), "config.json")
        let result = try victim.examine(file, as: .configuration)
        expect(result, 1, fixture.name)
    }

    @Test("The largest sizes there are take no memory before the weights are seen")
    func absurd() throws {
        let sizes = [
            "vocab_size": "16777216", "hidden_size": "1048576", "intermediate_size": "1048576",
            "num_hidden_layers": "4096", "num_attention_heads": "4096",
            "num_key_value_heads": "4096", "head_dim": "4096", "max_position_embeddings": "1048576",
        ]
        try victim.write(Self.configuration(sizes).utf8, "config.json")
        try victim.write(Self.file("{" + Self.tensor("[1]", "[0,4]") + "}", 4), "model.safetensors")
        expect(
            try victim.run("vireo", ["model", "logprobs", "."]), 1,
            "config: absurd")
    }

    @Test("A configuration of a gigabyte is refused by its size")
    func large() throws {
        let file = try victim.write([], "config.json")
        #expect(truncate(file, 1 << 30) == 0)
        expect(
            try victim.examine(file, as: .configuration), 1,
            "config: large")
    }

    // MARK: - model.safetensors.index.json

    private static let indices = [
        Hostile("index: above", #"{"weight_map":{"a":"../a.safetensors"}}"#),
        Hostile("index: absolute", #"{"weight_map":{"a":"/etc/passwd"}}"#),
        Hostile("index: the directory itself", #"{"weight_map":{"a":"."}}"#),
        Hostile("index: NUL", #"{"weight_map":{"a":"a.safetensors\u0000.txt"}}"#),
        Hostile("index: no name", #"{"weight_map":{"a":""}}"#),
        Hostile("index: a number", #"{"weight_map":{"a":1}}"#),
        Hostile("index: a list", #"{"weight_map":["a"]}"#),
        Hostile("index: nothing", "{}"),
        Hostile("index: a tensor twice", #"{"weight_map":{"a":"b","a":"c"}}"#),
        Hostile(
            "index: 2,000 files",
            "{\"weight_map\":{" + (0..<2_000).map { "\"t\($0)\":\"f\($0)\"" }.joined(separator: ",")
                + "}}"),
        Hostile("index: a file that is missing", #"{"weight_map":{"a":"none.safetensors"}}"#),
    ]

    @Test("Indices of shards", arguments: indices)
    private func readIndices(fixture: Hostile) throws {
        try victim.write(Self.configuration([:]).utf8, "config.json")
        try victim.write(fixture.bytes(), "model.safetensors.index.json")
        let result = try victim.run("vireo", ["model", "logprobs", "."])
        expect(result, 1, fixture.name)
    }

    // MARK: - tokenizer.json

    private static let tokenizers = [
        Hostile("tokenizer: empty", ""),
        Hostile("tokenizer: 100,000 levels", "{\"version\":" + "[" * 100_000),
        Hostile(
            "tokenizer: 100,000 levels in the vocabulary", "{\"model\":{\"vocab\":" + "[" * 100_000),
        Hostile("tokenizer: two million values", "{\"version\":[" + "0," * 2_000_000 + "0]}"),
        Hostile(
            "tokenizer: a gap in the ids", Subject.bytePairs(vocabulary: #","ab":256,"abab":258"#)),
        Hostile(
            "tokenizer: an id twice", Subject.bytePairs(vocabulary: #","ab":256,"abab":256"#)),
        Hostile(
            "tokenizer: a negative id", Subject.bytePairs(vocabulary: #","ab":-1,"abab":256"#)),
        Hostile(
            "tokenizer: an id of 2^31",
            Subject.bytePairs(vocabulary: #","ab":2147483648,"abab":256"#)),
        Hostile(
            "tokenizer: an id of 30 digits", Subject.bytePairs(vocabulary: ",\"ab\":" + "9" * 30)),
        Hostile(
            "tokenizer: a token twice", Subject.bytePairs(vocabulary: #","ab":256,"ab":257"#)),
        Hostile(
            "tokenizer: half a surrogate pair", Subject.bytePairs(vocabulary: #","\ud83d":256"#)),
        Hostile(
            "tokenizer: a merge into no token", Subject.bytePairs(merges: #"["a b","b a"]"#)),
        Hostile("tokenizer: a merge of no token", Subject.bytePairs(merges: #"["x y z"]"#)),
        Hostile("tokenizer: a merge of a number", Subject.bytePairs(merges: "[[1,2]]")),
        Hostile("tokenizer: a merge twice", Subject.bytePairs(merges: #"["a b","a b"]"#)),
        Hostile("tokenizer: a merge of nothing", Subject.bytePairs(merges: #"[" "]"#)),
        Hostile(
            "tokenizer: a long token that is none",
            Subject.bytePairs(merges: "[\"a " + "b" * 1_000_000 + "\"]")),
        Hostile(
            "tokenizer: an added token with a gap",
            Subject.bytePairs(
                added:
                    #"{"id":300,"content":"<x>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}"#
            )),
        Hostile(
            "tokenizer: an added token of 2^31",
            Subject.bytePairs(
                added:
                    #"{"id":2147483648,"content":"<x>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}"#
            )),
        Hostile(
            "tokenizer: another expression",
            Subject.bytePairs(
                pattern:
                    #"{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(a+)+$"},"behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}"#
            )),
        Hostile(
            "tokenizer: steps within steps",
            Subject.bytePairs(
                pattern:
                    #"{"type":"Sequence","pretokenizers":[{"type":"Sequence","pretokenizers":[]},{"type":"ByteLevel"}]}"#
            )),
        Hostile("tokenizer: not UTF-8", bytes: { [0x7B, 0x22, 0xFF, 0x22, 0x7D] }),
    ]

    @Test("Tokenizers", arguments: tokenizers)
    private func readTokenizers(fixture: Hostile) throws {
        let file = try victim.write(fixture.bytes(), "tokenizer.json")
        let result = try victim.examine(file, as: .tokenizer)
        expect(result, 1, fixture.name)
    }

    @Test("A vocabulary of a million tokens is read")
    func vocabulary() throws {
        let more = (0..<1_000_000).map { ",\"t\($0)\":\($0 + 256)" }.joined()
        let text = Subject.bytePairs(vocabulary: more, merges: "[]", added: "")
        let file = try victim.write(text.utf8, "tokenizer.json")
        expect(
            try victim.examine(file, as: .tokenizer), 0,
            "tokenizer: million")
    }

    @Test("A tokenizer of 64 MiB and more is refused by its size")
    func largeTokenizer() throws {
        let file = try victim.write([], "tokenizer.json")
        #expect(truncate(file, 1 << 30) == 0)
        expect(
            try victim.examine(file, as: .tokenizer), 1,
            "tokenizer: large")
    }
}
