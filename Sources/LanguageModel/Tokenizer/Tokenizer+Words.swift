extension Tokenizer {
    /// A tokenizer whose tokens are words separated by blanks. The index of a word is its id. Words must be
    /// distinct. `special` words represent no text, such as `<pad>`.
    public init(words: [String], special: Set<String> = []) {
        var vocabulary = ByteStringTable(capacity: words.count)
        for word in words {
            var word = word
            let isNew = word.withUTF8 { vocabulary.insert($0).isNew }
            precondition(isNew, "the word '\(word)' stands twice")
        }
        let added = words.enumerated().filter { special.contains($1) }.map { id, word in
            AddedToken(id: Int32(id), content: word, isSpecial: true)
        }
        var unknown = Self.unknownWord
        let id = unknown.withUTF8 { vocabulary.number(of: $0) }
        self.init(
            json: Self.json(ofWords: words, added),
            model: .words(vocabulary, unknown: id.map { Int32($0) }), added: added, composes: false)
    }

    /// The name of the unknown token, which is used if it is one of the words.
    private static let unknownWord = "<unk>"

    private static func json(ofWords words: [String], _ added: [AddedToken]) -> String {
        let vocabulary = words.enumerated().map { "\(JSONFile.quoted($1)):\($0)" }
        return """
            {"version":"1.0","truncation":null,"padding":null,
            "added_tokens":[\(added.map(\.json).joined(separator: ",\n"))],
            "normalizer":null,"pre_tokenizer":{"type":"WhitespaceSplit"},"post_processor":null,"decoder":null,
            "model":{"type":"WordLevel","vocab":{\(vocabulary.joined(separator: ","))},"unk_token":"\(unknownWord)"}}

            """
    }
}
