import Foundation
import LanguageModel
import Testing

@Suite(.timeLimit(.minutes(10)))
struct TokenizerTests {
    private static let files = ["tokenizer.json", "tokenizer-string-merges.json"]

    @Test("Ids and texts are those of Hugging Face's tokenizers", arguments: files)
    func reference(file: String) throws {
        let tokenizer = try TokenizerFixture.tokenizer(file)
        let fixture = try TokenizerFixture()
        #expect(fixture.cases.count == 150)
        for example in fixture.cases {
            #expect(try tokenizer.encode(example.text) == example.ids, "\(example.text)")
            #expect(try tokenizer.decode(example.ids).scalars == example.decoded.scalars)
            #expect(
                try tokenizer.decode(example.ids, skippingSpecial: true).scalars
                    == example.decoded_skip_special.scalars)
        }
        #expect(fixture.fragments.count == 13)
        for fragment in fixture.fragments {
            #expect(try tokenizer.decode(fragment.ids).scalars == fragment.decoded.scalars)
        }
        #expect(tokenizer.vocabularySize == 2007)
    }

    @Test("Tokens have the ids of the file, added ones too")
    func ids() throws {
        let tokenizer = try TokenizerFixture.tokenizer()
        #expect(tokenizer.id(of: "Ġ") == 220)
        #expect(tokenizer.id(of: "!") == 0)
        #expect(tokenizer.id(of: "<|endoftext|>") == 2000)
        #expect(tokenizer.id(of: "</think>") == 2004)
        #expect(tokenizer.id(of: "no such token") == nil)
    }

    @Test("The file's text is kept as it is")
    func json() throws {
        let path = TokenizerFixture.directory + "/tokenizer-string-merges.json"
        let tokenizer = try Tokenizer(path: path)
        #expect(try tokenizer.json == String(contentsOfFile: path, encoding: .utf8))
    }

    @Test("An id outside the vocabulary is named")
    func unknownID() throws {
        let tokenizer = try TokenizerFixture.tokenizer()
        for id in [2007, -1, Int32.max] {
            #expect(throws: LanguageModelError.token(id: Int(id), vocabularySize: 2007)) {
                try tokenizer.decode([id])
            }
        }
    }

    @Test("The queue of merges gives what merging by hand gives")
    func slowTwin() throws {
        let path = TokenizerFixture.directory + "/tokenizer.json"
        let fields =
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
            as! [String: Any]
        let merges = (fields["model"] as! [String: Any])["merges"] as! [[String]]
        let ranks = Dictionary(uniqueKeysWithValues: merges.enumerated().map { ($1, $0) })
        let tokenizer = try TokenizerFixture.tokenizer()
        var generator = SystemRandomNumberGenerator()
        for length in 1...120 {
            let word = String(
                (0..<length).map { _ in "etaoinshr".randomElement(using: &generator)! })
            var parts = word.map(String.init)
            while let best = zip(parts, parts.dropFirst()).compactMap({ ranks[[$0, $1]] }).min() {
                let index = zip(parts, parts.dropFirst()).enumerated()
                    .first { ranks[[$1.0, $1.1]] == best }!.offset
                parts.replaceSubrange(index...(index + 1), with: [parts[index] + parts[index + 1]])
            }
            #expect(try tokenizer.encode(word) == parts.map { tokenizer.id(of: $0) }, "\(word)")
        }
    }

    @Test("A word of a hundred thousand letters takes no square of the time")
    func longWord() throws {
        let tokenizer = try TokenizerFixture.tokenizer()
        let word = String(
            decoding: (0..<100_000).map { UInt8(ascii: "a") + UInt8($0 * $0 % 26) }, as: UTF8.self)
        let start = ContinuousClock.now
        let ids = try tokenizer.encode(word)
        #expect(ContinuousClock.now - start < .seconds(3))
        #expect(try tokenizer.decode(ids) == word)
    }

    @Test("Marks in any number are put in order without taking the square of the time")
    func longMarks() throws {
        let tokenizer = try TokenizerFixture.tokenizer()
        let marks = String(repeating: "\u{301}\u{323}", count: 50_000)
        let ids = try tokenizer.encode("e" + marks)
        let text = try tokenizer.decode(ids).scalars
        // e with a dot below takes the first dot; the acute accents stand behind all others.
        #expect(text.count == 100_000)
        #expect(text[0] == 0x1EB9)
        #expect(text[1...49_999].allSatisfy { $0 == 0x323 })
        #expect(text[50_000...].allSatisfy { $0 == 0x301 })
    }

    @Test(
        "Added tokens take blanks, keep to whole words and follow normalization as their flags say",
        arguments: [
            ("x  <l> y", [87, 2007, 469]), ("x <r>\n y", [87, 220, 2008, 88]),
            ("\u{3000}<l><l>", [2007, 2007]), ("<r> <l>", [2008, 2007]), ("cat", [2009]),
            ("a cat!", [64, 220, 2009, 0]), ("cats cat", [66, 277, 82, 220, 2009]),
            ("cat_cat", [66, 277, 1048, 277]), ("\u{E9}!", [2010]), ("e\u{301}!", [2010]),
            ("e\u{301}", [127, 102]), ("<think>xy", [2011, 88]), ("<think", [27, 701]),
            ("a ba b", [2012, 2012]), ("bcat cat\u{301}", [65, 66, 277, 281, 277, 136, 223]),
        ] as [(String, [Int32])])
    func addedTokens(text: String, ids: [Int32]) throws {
        let added: [(String, flag: String?)] = [
            ("<l>", "lstrip"), ("<r>", "rstrip"), ("cat", "single_word"), ("\u{E9}!", "normalized"),
            ("<think>x", nil), ("a b", nil),
        ]
        let json = try TokenizerFixture.json { fields in
            let more = added.enumerated().map { index, token in
                var fields: [String: Any] = ["id": 2007 + index, "content": token.0]
                for name in ["single_word", "lstrip", "rstrip", "normalized", "special"] {
                    fields[name] = name == token.flag
                }
                return fields
            }
            fields["added_tokens"] = (fields["added_tokens"] as! [[String: Any]]) + more
        }
        #expect(try TokenizerFixture.read(json).encode(text) == ids)
    }

    @Test(
        "GPT-2's pre-tokenizer keeps numbers together and minds case",
        arguments: [
            (
                "I'm HE'S  it's 1234 a1b2\n\n x\t\ty",
                [
                    40, 6, 76, 1093, 36, 6, 50, 220, 537, 770, 220, 16, 17, 18, 19, 265, 16, 65, 17,
                    297, 551, 197, 197, 88,
                ]
            ),
            ("  12  345", [220, 220, 16, 17, 220, 220, 18, 19, 20]),
            ("e\u{301}\u{E9}", [68, 136, 223, 127, 102]),
            ("!?a \u{A0}b  ", [0, 30, 64, 220, 126, 254, 65, 256]),
            ("'\u{17F} 're", [6, 129, 123, 326, 266]),
        ] as [(String, [Int32])])
    func gpt2(text: String, ids: [Int32]) throws {
        let json = try TokenizerFixture.json { fields in
            fields["pre_tokenizer"] =
                ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true]
                as [String: Any]
            fields["normalizer"] = NSNull()
        }
        #expect(try TokenizerFixture.read(json).encode(text) == ids)
    }

    @Test("With ignore_merges a word that is a token stays whole")
    func ignoredMerges() throws {
        let json = try TokenizerFixture.json { fields in
            var model = fields["model"] as! [String: Any]
            model["ignore_merges"] = true
            model["merges"] = Array((model["merges"] as! [Any]).prefix(300))
            fields["model"] = model
        }
        let tokenizer = try TokenizerFixture.read(json)
        #expect(try tokenizer.encode("Let compute print") == [1029, 927, 311, 81, 260, 83])
        #expect(try tokenizer.encode("<think>compute") == [2003, 378, 331, 525])
    }

    private static let words = """
        {"version":"1.0","added_tokens":[
        {"id":0,"content":"<pad>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
        {"id":4,"content":"<x>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":false}],
        "normalizer":null,"pre_tokenizer":{"type":"WhitespaceSplit"},"post_processor":null,"decoder":null,
        "model":{"type":"WordLevel","vocab":{"<pad>":0,"a":1,"?":2,"b\\u0301":3},"unk_token":"?"}}
        """

    @Test("A word tokenizer finds added tokens within words, and has a token for unknown ones")
    func words() throws {
        let tokenizer = try TokenizerFixture.read(Self.words)
        #expect(try tokenizer.encode("a\u{A0} a\u{2028}zz") == [1, 1, 2])
        #expect(try tokenizer.encode("a<pad>a<x>") == [1, 0, 1, 4])
        #expect(try tokenizer.encode("b\u{301} \u{301}a") == [3, 2])
        #expect(try tokenizer.decode([1, 0, 1, 4]) == "a <pad> a <x>")
        #expect(try tokenizer.decode([1, 0, 1, 4], skippingSpecial: true) == "a a <x>")
        #expect(tokenizer.vocabularySize == 5)
    }

    @Test("Ids that a padded model may sample stand for nothing when asked")
    func padding() throws {
        let tokenizer = try TokenizerFixture.read(Self.words)
        #expect(try tokenizer.decode([1, 5, 900, 3], skippingUnknown: true) == "a b\u{301}")
        #expect(throws: LanguageModelError.token(id: -1, vocabularySize: 5)) {
            try tokenizer.decode([1, -1], skippingUnknown: true)
        }
    }
}
