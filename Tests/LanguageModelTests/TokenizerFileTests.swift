import Foundation
import LanguageModel
import Testing

@Suite(.timeLimit(.minutes(10)))
struct TokenizerFileTests {
    /// Replaces the member at a path of names; `nil` takes it out.
    private static func changed(_ path: String, _ value: Any?) throws -> String {
        func change(_ node: Any, _ names: ArraySlice<Substring>) -> Any {
            guard let name = names.first else { return value! }
            if var list = node as? [Any] {
                list[Int(name)!] = change(list[Int(name)!], names.dropFirst())
                return list
            }
            var fields = node as! [String: Any]
            if names.count == 1 {
                fields[String(name)] = value
            } else {
                fields[String(name)] = change(fields[String(name)]!, names.dropFirst())
            }
            return fields
        }
        return try TokenizerFixture.json { fields in
            fields = change(fields, path.split(separator: ".")[...]) as! [String: Any]
        }
    }

    private func refusal(_ json: String) -> String {
        do {
            _ = try TokenizerFixture.read(json)
            return "read"
        } catch {
            return (error as? TokenizerFixture.Refusal)?.text ?? "\(error)"
        }
    }

    private struct Change: Sendable, CustomTestStringConvertible {
        let path: String
        let json: String?
        let message: String

        init(_ path: String, _ json: String?, _ message: String) {
            (self.path, self.json, self.message) = (path, json, message)
        }

        var testDescription: String { "\(path) = \(json ?? "nothing")" }
    }

    @Test(
        "Unsupported settings that could change the tokens are reported with file and field",
        arguments: [
            Change("version", "\"2.0\"", "`version`: '2.0' is not supported: only version 1.0 is"),
            Change("more", "1", "`more`: there is no such member in version 1.0"),
            Change(
                "truncation", "{\"max_length\":8}",
                "`truncation`: its value is not supported: it must be null"),
            Change("padding", "{}", "`padding`: its value is not supported: it must be null"),
            Change(
                "normalizer.type", "\"NFKC\"",
                "`normalizer.type`: 'NFKC' is not supported: only 'NFC' is"),
            Change(
                "pre_tokenizer.type", "\"Whitespace\"",
                "`pre_tokenizer.type`: 'Whitespace' is not supported: for BPE only 'ByteLevel' and 'Sequence' are"
            ),
            Change(
                "pre_tokenizer.pretokenizers.0.pattern", "{\"Regex\":\"\\\\w+\"}",
                "`pre_tokenizer.pretokenizers[0].pattern`: its value is not supported: only Qwen2's regular expression is"
            ),
            Change(
                "pre_tokenizer.pretokenizers.0.behavior", "\"Removed\"",
                "`pre_tokenizer.pretokenizers[0].behavior`: 'Removed' is not supported: only 'Isolated' is"
            ),
            Change(
                "pre_tokenizer.pretokenizers.1.add_prefix_space", "true",
                "`pre_tokenizer.pretokenizers[1].add_prefix_space`: its value is not supported: it must be false"
            ),
            Change(
                "pre_tokenizer.pretokenizers.1.use_regex", "true",
                "`pre_tokenizer.pretokenizers[1].use_regex`: its value is not supported: it must be false"
            ),
            Change(
                "post_processor.type", "\"TemplateProcessing\"",
                "`post_processor.type`: 'TemplateProcessing' is not supported: only 'ByteLevel' is"),
            Change(
                "decoder.type", "\"WordPiece\"",
                "`decoder.type`: 'WordPiece' is not supported: only 'ByteLevel' is"),
            Change(
                "model.type", "\"Unigram\"",
                "`model.type`: 'Unigram' is not supported: only 'BPE' and 'WordLevel' are"),
            Change(
                "model.dropout", "0.1",
                "`model.dropout`: its value is not supported: it must be null"),
            Change(
                "model.byte_fallback", "true",
                "`model.byte_fallback`: its value is not supported: it must be false"),
            Change(
                "model.continuing_subword_prefix", "\"##\"",
                "`model.continuing_subword_prefix`: '##' is not supported: it must be null or empty"
            ),
            Change(
                "model.end_of_word_suffix", "\"</w>\"",
                "`model.end_of_word_suffix`: '</w>' is not supported: it must be null or empty"),
            Change("model.trie", "{}", "`model.trie`: there is no such member in version 1.0"),
            Change(
                "added_tokens.0.weight", "1",
                "`added_tokens[0].weight`: there is no such member in version 1.0"),
        ])
    private func unsupported(change: Change) throws {
        #expect(try refusal(json(change)) == "FILE: " + change.message)
    }

    private func json(_ change: Change) throws -> String {
        let value = try change.json.map {
            try JSONSerialization.jsonObject(with: Data($0.utf8), options: .fragmentsAllowed)
        }
        return try Self.changed(change.path, value)
    }

    @Test(
        "A file that contradicts itself is refused with the place",
        arguments: [
            Change("version", nil, "`version` must be a text"),
            Change("model", nil, "`model` must be an object"),
            Change("model.vocab", nil, "`model.vocab` is missing"),
            Change("model.vocab", "[]", "`model.vocab` must map tokens to ids"),
            Change("model.merges", "{}", "`model.merges` must be a list"),
            Change("model.vocab.!", nil, "is out of range or used twice"),
            Change("model.vocab.!", "1", "is out of range or used twice"),
            Change("model.vocab.!", "-1", "the id -1 of '!' is out of range or used twice"),
            Change("model.vocab.!", "5000", "the id 5000 of '!' is out of range or used twice"),
            Change("model.vocab.!", "0.5", "a whole number expected"),
            Change(
                "model.merges.0", "[\"Ġ\",\"qqq\"]",
                "`model.merges` names 'qqq' in its merge 0, which is no token"),
            Change(
                "model.merges.1", "[\"Ġ\",\"Ġ\"]", "`model.merges` has its merge 1 twice"),
            Change(
                "model.merges.2", "[\"Ġ\"]",
                "`model.merges` has a merge 2 that does not have two tokens"),
            Change(
                "model.merges.2", "[\"Ġ\",\"Ġ\",\"Ġ\"]",
                "`model.merges` has a merge 2 that does not have two tokens"),
            Change(
                "model.merges.2", "\"a b c\"",
                "`model.merges` has a merge 2 that does not have two tokens"),
            Change(
                "model.merges.2", "\"ab\"",
                "`model.merges` has a merge 2 that does not have two tokens"
            ),
            Change(
                "model.merges.2", "\" b\"",
                "`model.merges` has a merge 2 that does not have two tokens"
            ),
            Change("model.merges.2", "7", "a list expected"),
            Change("model.merges.2", "[1,2]", "a text expected"),
            Change("added_tokens", "{}", "`added_tokens` must be a list"),
            Change("added_tokens.1", "3", "`added_tokens[1]` must be an object"),
            Change(
                "added_tokens.1.content", "\"\"", "`added_tokens[1].content` is empty or used twice"
            ),
            Change(
                "added_tokens.1.content", "\"<think>\"",
                "`added_tokens[3].content` is empty or used twice"),
            Change(
                "added_tokens.1.id", "2010",
                "`added_tokens[1].id` must be 2001: added tokens follow the vocabulary without a gap"
            ),
            Change(
                "added_tokens.1.content", "\"!\"",
                "`added_tokens[1].id` must be 0: as in `model.vocab`"),
            Change(
                "added_tokens.1.special", nil, "`added_tokens[1].special` must be true or false"),
            Change("normalizer", "\"NFC\"", "`normalizer` must be an object"),
            Change("decoder", nil, "`decoder` must be an object"),
        ])
    private func malformed(change: Change) throws {
        let message = try refusal(json(change))
        #expect(message.hasPrefix("FILE: "))
        #expect(message.contains(change.message), "\(message)")
    }

    /// The fixture without tokens for the bytes of `Ã` (0xC3, 0x83) and with other members of the model.
    private func withoutBytes(_ members: [String: Any]) throws -> String {
        try TokenizerFixture.json { fields in
            var model = fields["model"] as! [String: Any]
            var vocabulary = model["vocab"] as! [String: Int]
            for (name, byte) in [("<unk>", "Ã"), ("<other>", "\u{125}")] {
                vocabulary[name] = vocabulary.removeValue(forKey: byte)
            }
            let merges = model["merges"] as! [Any]
            model["merges"] = merges.filter {
                !"\($0)".contains { $0 == "Ã" || $0 == "\u{125}" }
            }
            model["vocab"] = vocabulary
            fields["model"] = model.merging(members) { $1 }
        }
    }

    @Test("Bytes without a token are left out, or the unknown token, as in tokenizers")
    func missingByte() throws {
        let without = try TokenizerFixture.read(try withoutBytes([:]))
        let unknown = try #require(without.id(of: "<unk>"))
        let plain = try without.encode("b")
        #expect(try without.encode("Ã") == [])
        #expect(try without.encode("1Ã1") == without.encode("1") + without.encode("1"))
        for (joins, count) in [(false, 2), (true, 1)] {
            let json = try withoutBytes(["unk_token": "<unk>", "fuse_unk": joins])
            let tokenizer = try TokenizerFixture.read(json)
            #expect(try tokenizer.encode("Ã") == Array(repeating: unknown, count: count))
            #expect(try tokenizer.encode("b") == plain)
        }
        #expect(
            refusal(try withoutBytes(["unk_token": "<none>"]))
                == "FILE: `model.unk_token` is '<none>', which is not a token")
    }

    @Test("Special tokens may stand in the model's vocabulary")
    func specialInVocabulary() throws {
        var next = 0
        let json = try TokenizerFixture.json { fields in
            var model = fields["model"] as! [String: Any]
            var vocabulary = model["vocab"] as! [String: Int]
            var tokens = fields["added_tokens"] as! [[String: Any]]
            next = vocabulary.count
            for (index, token) in tokens.enumerated() {
                vocabulary[token["content"] as! String] = vocabulary.count
                tokens[index]["id"] = next + index
            }
            model["vocab"] = vocabulary
            fields["model"] = model
            fields["added_tokens"] = tokens
        }
        let tokenizer = try TokenizerFixture.read(json)
        #expect(tokenizer.vocabularySize == (try TokenizerFixture.tokenizer()).vocabularySize)
        for example in try TokenizerFixture().cases {
            #expect(try tokenizer.encode(example.text) == example.ids)
        }
    }

    @Test("A vocabulary's order in the file does not matter")
    func order() throws {
        // JSONSerialization writes in an order of its own.
        let json = try TokenizerFixture.json { _ in }
        let tokenizer = try TokenizerFixture.read(json)
        for example in try TokenizerFixture().cases {
            #expect(try tokenizer.encode(example.text) == example.ids)
        }
    }

    @Test(
        "Invalid JSON is reported with line and column",
        arguments: [
            ("", "line 1, column 1: a value expected, the file ends"),
            ("[]", "the file is not a JSON object"),
            ("{\"version\":\"1.0\",}", "line 1, column 18: a name in quotes expected"),
            ("{\n  \"version\" 1}", "line 2, column 13: `:` expected"),
            ("{\"é\":tru}", "line 1, column 6: a value expected"),
            ("{\"a\":1 \"b\":2}", "line 1, column 8: `,` or `}` expected"),
            ("{\"a\":[1 2]}", "line 1, column 9: `,` or `]` expected"),
            ("{\"a\":01}", "line 1, column 6: a value expected"),
            ("{\"a\":-}", "line 1, column 6: a value expected"),
            ("{\"a\":1.}", "line 1, column 8: a digit expected"),
            ("{\"a\":1e}", "line 1, column 8: a digit expected"),
            ("{\"a\":NaN}", "line 1, column 6: a value expected"),
            ("{\"a\":\"x", "line 1, column 8: `\"` expected, the file ends"),
            ("{\"a\":\"x\ny\"}", "line 1, column 8: a control character in a text"),
            ("{\"a\":\"\\x\"}", "line 1, column 7: not a JSON escape"),
            ("{\"a\":\"\\u12\"}", "line 1, column 7: not a JSON escape"),
            ("{\"a\":\"\\ud83d\"}", "line 1, column 13: not a JSON escape"),
            ("{\"a\":\"\\ude42\"}", "line 1, column 13: half a surrogate pair"),
            ("{\"a\":1,\"a\":2}", "line 1, column 12: `a` occurs twice"),
            ("{} {}", "line 1, column 4: the end of the file expected"),
            (
                "{\"a\":" + String(repeating: "[", count: 100_000),
                "line 1, column 70: lists and tables nested more than 64 deep"
            ),
            (
                "{\"model\":{\"vocab\":" + String(repeating: "{\"\":", count: 100_000),
                "line 1, column 268: lists and tables nested more than 64 deep"
            ),
            ("{\"model\":{\"vocab\":{\"a\":1,\"a\":2}}}", "`version` must be a text"),
        ])
    func noJSON(json: String, message: String) {
        #expect(refusal(json) == "FILE: " + message)
    }

    @Test("Escapes in names and merges are the characters that they stand for")
    func escapes() throws {
        let path = TokenizerFixture.directory + "/tokenizer.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let escaped = text.unicodeScalars.map { scalar in
            scalar.value < 0x80
                ? String(scalar) : "\\u" + String(scalar.value + 0x10000, radix: 16).suffix(4)
        }.joined()
        #expect(escaped.utf8.allSatisfy { $0 < 0x80 })
        let tokenizer = try TokenizerFixture.read(escaped)
        for example in try TokenizerFixture().cases {
            #expect(try tokenizer.encode(example.text) == example.ids)
        }
    }

    @Test("Any cut-off file is an error, never a crash")
    func truncated() throws {
        let json = try String(
            contentsOfFile: TokenizerFixture.directory + "/tokenizer.json", encoding: .utf8)
        let bytes = Array(json.utf8)
        for length in stride(from: 0, to: bytes.count - 2, by: bytes.count / 97) {
            let message = refusal(String(decoding: bytes.prefix(length), as: UTF8.self))
            #expect(message.hasPrefix("FILE: line "), "\(message)")
        }
    }

    @Test("A file that cannot be read, or is not text, is named")
    func unreadable() throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent(UUID().uuidString).path
        #expect(throws: LanguageModelError.unreadable(path: path, reason: "there is no such file"))
        {
            try Tokenizer(path: path)
        }
        try Data([0x7B, 0xFF, 0x7D]).write(to: URL(fileURLWithPath: path))
        #expect(throws: LanguageModelError.malformed(path: path, reason: "the file is not UTF-8")) {
            try Tokenizer(path: path)
        }
    }
}
