import Foundation
import LanguageModel
import Testing

@Suite(.timeLimit(.minutes(10)))
struct BytePairTrainerTests {
    private func trained(
        _ texts: [String], size: Int, special: [String] = [], minimum: Int = 1
    ) throws -> Tokenizer {
        var trainer = BytePairTrainer(
            vocabularySize: size, special: special, minimumFrequency: minimum)
        for text in texts { trainer.add(text) }
        return try trainer.tokenizer()
    }

    private func merges(_ tokenizer: Tokenizer) throws -> [[String]] {
        let fields =
            try JSONSerialization.jsonObject(with: Data(tokenizer.json.utf8)) as! [String: Any]
        return (fields["model"] as! [String: Any])["merges"] as! [[String]]
    }

    @Test("The most frequent pair is joined first, and of equal ones the one with lower ids")
    func order() throws {
        // ab: 3 times, bc: 2, cd: 1; then abc 2 times.
        let tokenizer = try trained(["ab abc abcd"], size: 300)
        #expect(
            try merges(tokenizer) == [
                ["a", "b"], ["Ġ", "ab"], ["Ġab", "c"], ["Ġabc", "d"],
            ])
        #expect(tokenizer.vocabularySize == 260)
        #expect(tokenizer.id(of: "ab") == 256)
    }

    @Test("Runs of one letter are counted by pair and joined from the left")
    func runs() throws {
        let tokenizer = try trained(["aaaaa"], size: 258)
        // Joined from the left, aaaaa is aa aa a.
        #expect(try merges(tokenizer) == [["a", "a"], ["aa", "a"]])
    }

    @Test("Every step joins the pair that a count from scratch finds")
    func slowTwin() throws {
        let letters = ["a", "b", "c", "d", "é"]
        for round in 0..<12 {
            let words = (0..<60).map { index in
                (0..<(1 + (index * 7 + round) % 9)).map {
                    letters[($0 * $0 + index * round + $0) % 5]
                }
                .joined()
            }
            let tokenizer = try trained([words.joined(separator: "\n")], size: 320)
            var parts: [[String]] = try words.map { word in
                try tokenizer.encode(word).isEmpty ? [] : byteSpellings(word)
            }
            for merge in try merges(tokenizer) {
                var counts: [[String]: Int] = [:]
                for word in parts {
                    for pair in zip(word, word.dropFirst()) {
                        counts[[pair.0, pair.1], default: 0] += 1
                    }
                }
                let most = counts.values.max()!
                let best = counts.filter { $0.value == most }.keys.min {
                    (tokenizer.id(of: $0[0])!, tokenizer.id(of: $0[1])!)
                        < (tokenizer.id(of: $1[0])!, tokenizer.id(of: $1[1])!)
                }
                #expect(best == merge)
                parts = parts.map { word in
                    var (result, index) = ([String](), 0)
                    while index < word.count {
                        if index + 1 < word.count, [word[index], word[index + 1]] == merge {
                            result.append(merge[0] + merge[1])
                            index += 2
                        } else {
                            result.append(word[index])
                            index += 1
                        }
                    }
                    return result
                }
            }
        }
    }

    private func byteSpellings(_ word: String) -> [String] {
        word.utf8.map { byte in
            // The letters of the test are ASCII, or the bytes C3 and A9, which stand for themselves.
            String(Unicode.Scalar(byte))
        }
    }

    @Test("Special tokens follow the merges and are no part of words")
    func special() throws {
        let tokenizer = try trained(
            ["ab<end>ab<end>ab"], size: 259, special: ["<end>", "<pad>"], minimum: 2)
        #expect(try merges(tokenizer) == [["a", "b"]])
        #expect(tokenizer.vocabularySize == 259)
        #expect(try tokenizer.encode("ab<end>") == [256, 257])
        #expect(tokenizer.id(of: "<pad>") == 258)
        #expect(try tokenizer.decode([256, 257, 256], skippingSpecial: true) == "abab")
    }

    @Test("Rare pairs stay apart")
    func minimum() throws {
        let tokenizer = try trained(["ab ab cd"], size: 1000, minimum: 2)
        #expect(try merges(tokenizer) == [["a", "b"]])
        #expect(tokenizer.vocabularySize == 257)
    }

    @Test("Texts are composed before their words are counted")
    func composition() throws {
        let tokenizer = try trained(["e\u{301} \u{E9}"], size: 257)
        #expect(try merges(tokenizer) == [["Ã", "©"]])
        #expect(try tokenizer.encode("e\u{301}") == [256])
    }

    @Test("Any text comes back whole")
    func roundTrip() throws {
        let texts = try TokenizerFixture().cases.map(\.text)
        let tokenizer = try trained(texts, size: 1500)
        for example in try TokenizerFixture().cases {
            #expect(
                try tokenizer.decode(tokenizer.encode(example.text)).scalars
                    == example.decoded.scalars)
        }
    }
}
