import Foundation

/// A tokenizer whose tokens are the words between blanks: `WordLevel` with `WhitespaceSplit` in
/// tokenizer.json.
public struct WordTokenizer: Hashable, Sendable {
    /// The vocabulary; a word's index is its token id.
    public let words: [String]
    /// The words that stand for no text, such as `<pad>`.
    public let special: Set<String>
    private let ids: [String: Int32]

    /// A tokenizer for distinct words.
    public init(words: [String], special: Set<String> = []) {
        self.words = words
        self.special = special
        ids = Dictionary(
            words.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
    }

    /// The token id of a word, if it has one.
    public func id(of word: some StringProtocol) -> Int32? { ids[String(word)] }

    /// The ids of the text's words. Throws for a word outside the vocabulary.
    public func encode(_ text: String) throws -> [Int32] {
        try text.split(whereSeparator: \.isWhitespace).map { word in
            guard let id = id(of: word) else { throw LanguageModelError.word(String(word)) }
            return id
        }
    }

    /// The words of the ids with a blank between. Throws for an id outside the vocabulary.
    public func decode(_ ids: some Sequence<Int32>) throws -> String {
        try ids.map { id in
            guard words.indices.contains(Int(id)) else {
                throw LanguageModelError.token(id: Int(id), vocabularySize: words.count)
            }
            return words[Int(id)]
        }.joined(separator: " ")
    }
}

extension WordTokenizer {
    /// Reads a tokenizer.json. Throws for another kind than `WordLevel`.
    public init(path: String) throws {
        let json = try JSONFile(path: path)
        let model = try json.object("model")
        let type = try model.text("type")
        guard type == "WordLevel" else {
            throw LanguageModelError.unsupported(
                path: path, field: "model.type",
                reason: "\(type) tokenizers are not supported; WordLevel is")
        }
        guard let vocabulary = model.fields["vocab"] as? [String: Int] else {
            throw LanguageModelError.malformed(
                path: path, reason: "`model.vocab` must map words to ids")
        }
        var words = [String?](repeating: nil, count: vocabulary.count)
        for (word, id) in vocabulary {
            guard words.indices.contains(id), words[id] == nil else {
                throw LanguageModelError.malformed(
                    path: path, reason: "the id \(id) of '\(word)' is out of range or used twice")
            }
            words[id] = word
        }
        let added = json.fields["added_tokens"] as? [[String: Any]] ?? []
        self.init(
            words: words.compactMap { $0 },
            special: Set(
                added.filter { $0["special"] as? Bool == true }.compactMap {
                    $0["content"] as? String
                }))
    }

    /// The tokenizer as a tokenizer.json that Hugging Face's tokenizers reads.
    var json: String {
        let added = words.enumerated().filter { special.contains($1) }.map { id, word in
            """
            {"id":\(id),"content":\(JSONFile.quoted(word)),"single_word":false,"lstrip":false,\
            "rstrip":false,"normalized":false,"special":true}
            """
        }
        let vocabulary = words.enumerated().map { "\(JSONFile.quoted($1)):\($0)" }
        return """
            {"version":"1.0","truncation":null,"padding":null,
            "added_tokens":[\(added.joined(separator: ",\n"))],
            "normalizer":null,"pre_tokenizer":{"type":"WhitespaceSplit"},"post_processor":null,"decoder":null,
            "model":{"type":"WordLevel","vocab":{\(vocabulary.joined(separator: ","))},"unk_token":"<unk>"}}

            """
    }
}
