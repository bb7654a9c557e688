/// Encodes texts as token ids and decodes them, exactly as Hugging Face tokenizers with the same
/// tokenizer.json: byte-level byte pair encoding as in Qwen and GPT-2, or words separated by blanks.
public struct Tokenizer: Sendable {
    /// The tokenizer as the text of a tokenizer.json.
    public let json: String

    /// The number of tokens, including added ones. Ids are below it.
    public let vocabularySize: Int

    private let model: Model
    private let added: AddedTokens
    private let composes: Bool

    enum Model: Sendable {
        case bytePairs(BytePairModel)

        /// Words are tokens; `unknown` is the token of all other words.
        case words(ByteStringTable, unknown: Int32?)

        var vocabulary: ByteStringTable {
            switch self {
            case .bytePairs(let model): model.vocabulary
            case .words(let vocabulary, _): vocabulary
            }
        }
    }

    /// `added` tokens outside the vocabulary of the model must follow it without a gap. `composes` selects
    /// normalization form C.
    init(json: String, model: Model, added: [AddedToken], composes: Bool) {
        self.json = json
        self.model = model
        self.composes = composes
        self.added = AddedTokens(added)
        let size = model.vocabulary.count
        vocabularySize = size + added.count { Int($0.id) >= size }
    }

    /// The id of a token as spelled in tokenizer.json; `nil` if there is none.
    public func id(of token: some StringProtocol) -> Int32? {
        if let token = added.token(of: String(token)) { return token.id }
        var spelling = String(token)
        return spelling.withUTF8 { model.vocabulary.number(of: $0) }.map { Int32($0) }
    }

    /// The ids of a text, without those that a post-processor would add. Throws `LanguageModelError.word` if a
    /// word tokenizer does not know a word.
    public func encode(_ text: String) throws -> [Int32] {
        var text = text
        var ids: [Int32] = []
        var scratch = BytePairScratch()
        try text.withUTF8 { bytes in
            try ScalarReader.with(bytes) { reader in
                try added.verbatim.forEachPart(in: reader) { part in
                    switch part {
                    case .token(let id): ids.append(id)
                    case .text(let range):
                        let part = UnsafeBufferPointer(rebasing: bytes[range])
                        try encodePart(part, &scratch, to: &ids)
                    }
                }
            }
        }
        return ids
    }

    /// Encodes the text between added tokens.
    private func encodePart(
        _ bytes: UnsafeBufferPointer<UInt8>, _ scratch: inout BytePairScratch, to ids: inout [Int32]
    ) throws {
        try ScalarReader.with(bytes) { reader in
            guard composes, let composed = CanonicalComposition.normalized(reader) else {
                return try encodeNormalized(reader, &scratch, to: &ids)
            }
            try composed.withUnsafeBufferPointer { bytes in
                try ScalarReader.with(bytes) { try encodeNormalized($0, &scratch, to: &ids) }
            }
        }
    }

    private func encodeNormalized(
        _ reader: ScalarReader, _ scratch: inout BytePairScratch, to ids: inout [Int32]
    ) throws {
        try added.normalized.forEachPart(in: reader) { part in
            switch part {
            case .token(let id): ids.append(id)
            case .text(let range):
                let bytes = UnsafeBufferPointer(rebasing: reader.bytes[range])
                try ScalarReader.with(bytes) { reader in
                    switch model {
                    case .bytePairs(let model): model.encode(reader, &scratch, to: &ids)
                    case .words(let vocabulary, let unknown):
                        try encodeWords(reader, vocabulary, unknown, to: &ids)
                    }
                }
            }
        }
    }

    private func encodeWords(
        _ reader: ScalarReader, _ vocabulary: ByteStringTable, _ unknown: Int32?,
        to ids: inout [Int32]
    ) throws {
        var index = 0
        while index < reader.count {
            let (kind, next) = reader.kind(at: index)
            if kind == UnicodeClasses.space {
                index = next
                continue
            }
            var end = next
            while end < reader.count {
                let (kind, next) = reader.kind(at: end)
                guard kind != UnicodeClasses.space else { break }
                end = next
            }
            let word = UnsafeBufferPointer(rebasing: reader.bytes[index..<end])
            guard let id = vocabulary.number(of: word).map({ Int32($0) }) ?? unknown else {
                throw LanguageModelError.word(String(decoding: word, as: UTF8.self))
            }
            ids.append(id)
            index = end
        }
    }

    /// The text of ids. Invalid UTF-8 is replaced by U+FFFD. Throws `LanguageModelError.token` if an id is
    /// outside the vocabulary.
    ///
    /// - Parameters:
    ///   - skippingSpecial: Whether special tokens are omitted.
    ///   - skippingUnknown: Whether ids outside the vocabulary are omitted. Published models have more rows of
    ///     embeddings than tokens, and may sample such an id.
    public func decode(
        _ ids: some Sequence<Int32>, skippingSpecial: Bool = false, skippingUnknown: Bool = false
    ) throws -> String {
        let bytes = try spelling(
            of: ids, skippingSpecial: skippingSpecial, skippingUnknown: skippingUnknown
        ).bytes
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes of the text of ids, which may be invalid UTF-8, and the number of bytes up to the end of each id. The
    /// parameters and errors are those of `decode`.
    package func spelling(
        of ids: some Sequence<Int32>, skippingSpecial: Bool = false, skippingUnknown: Bool = false
    ) throws -> (bytes: [UInt8], ends: [Int]) {
        let vocabulary = model.vocabulary
        var bytes: [UInt8] = []
        var ends: [Int] = []
        var isFirst = true
        for id in ids {
            defer { ends.append(bytes.count) }
            let added = added.token(withID: id)
            guard id >= 0, added != nil || Int(id) < vocabulary.count else {
                if skippingUnknown, id >= 0 { continue }
                throw LanguageModelError.token(id: Int(id), vocabularySize: vocabularySize)
            }
            if skippingSpecial, added?.isSpecial == true { continue }
            let spelling = added.map { Array($0.content.utf8)[...] } ?? vocabulary.string(Int(id))
            switch model {
            case .bytePairs: ByteAlphabet.append(spelling, to: &bytes)
            case .words:
                if !isFirst { bytes.append(0x20) }
                bytes.append(contentsOf: spelling)
            }
            isFirst = false
        }
        return (bytes, ends)
    }
}

extension Tokenizer: Hashable {
    /// Tokenizers are equal if their files are.
    public static func == (left: Tokenizer, right: Tokenizer) -> Bool { left.json == right.json }

    /// Hashes the file.
    public func hash(into hasher: inout Hasher) { hasher.combine(json) }
}
