import JSON

/// Parses and checks a tokenizer.json. Nothing is ignored, because an unknown member may change the tokens.
struct TokenizerFile {
    private let path: String
    private let reader: JSONReader
    private let root: JSONFields

    /// The offsets of the values of `model.vocab` and `model.merges`, which are not parsed as values.
    private let large: [String: Int]

    init(_ bytes: UnsafeBufferPointer<UInt8>, path: String) throws {
        self.path = path
        reader = JSONReader(UnsafeRawBufferPointer(bytes), values: JSONFile.valueLimit)
        var (reader, large) = (reader, [String: Int]())
        let value = try Self.reading(path, &reader) { reader in
            reader.skipBlanks()
            guard reader.byte == UInt8(ascii: "{") else { return try reader.value() }
            return try Self.members(&reader) { name, reader in
                guard name == "model", reader.byte == UInt8(ascii: "{") else {
                    return try reader.value()
                }
                return try Self.members(&reader) { name, reader in
                    guard name == "vocab" || name == "merges" else { return try reader.value() }
                    large[name] = reader.offset
                    try reader.skip()
                    return .null
                }
            }
        }
        try Self.reading(path, &reader) { try $0.finish() }
        self.large = large
        root = try JSONFields(value, path: path)
    }

    /// The result of `body`. Faults of the reader become errors that name the file.
    private static func reading<Result>(
        _ path: String, _ reader: inout JSONReader, _ body: (inout JSONReader) throws -> Result
    ) throws -> Result {
        do {
            return try body(&reader)
        } catch let fault as JSONFault {
            throw LanguageModelError.malformed(path: path, fault, in: reader)
        }
    }

    /// Parses an object whose values are parsed by `value`.
    private static func members(
        _ reader: inout JSONReader, _ value: (String, inout JSONReader) throws -> JSONValue
    ) throws -> JSONValue {
        try reader.countValue()
        var members: [String: JSONValue] = [:]
        try reader.object { reader in
            reader.skipBlanks()
            let start = reader.offset
            let name = try reader.name()
            let text = name.text
            guard members[text] == nil else {
                throw JSONFault(.repeatedName(length: name.raw.count), at: start)
            }
            reader.skipBlanks()
            members[text] = try value(text, &reader)
        }
        return .object(members)
    }

    func read() throws -> (Tokenizer.Model, [AddedToken], composes: Bool) {
        try root.allow(
            "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
            "post_processor", "decoder", "model")
        guard try root.text("version") == "1.0" else {
            throw root.unsupported("version", "only version 1.0 is")
        }
        for name in ["truncation", "padding"] where root[name] != .null {
            throw root.unsupported(name, "it must be null")
        }
        let composes = try composes()
        let fields = try root.table("model")
        let model: Tokenizer.Model
        switch fields["type"] {
        case .string("WordLevel"): model = try words(fields)
        // Early versions of the format omit the type.
        case .string("BPE"), .null: model = try bytePairs(fields)
        default: throw fields.unsupported("type", "only 'BPE' and 'WordLevel' are")
        }
        return (model, try addedTokens(model.vocabulary, composes: composes), composes)
    }

    // MARK: - Settings

    private func composes() throws -> Bool {
        guard root["normalizer"] != .null else { return false }
        let fields = try root.table("normalizer")
        try fields.require("type", "NFC")
        try fields.allow("type")
        return true
    }

    private func bytePairs(_ fields: JSONFields) throws -> Tokenizer.Model {
        try fields.allow(
            "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
            "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges")
        guard [.null, .integer(0), .number(0)].contains(fields["dropout"]) else {
            throw fields.unsupported("dropout", "it must be null")
        }
        for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
            guard [.null, .string("")].contains(fields[name]) else {
                throw fields.unsupported(name, "it must be null or empty")
            }
        }
        guard try !fields.flag("byte_fallback", default: false) else {
            throw fields.unsupported("byte_fallback", "it must be false")
        }
        let pattern = try pattern()
        try checkBytePairDecoder()
        let vocabulary = try vocabulary(fields)
        let bytes = (0..<256).map { byte in
            ByteAlphabet.spelling(of: [UInt8(byte)]).withUnsafeBufferPointer {
                vocabulary.number(of: $0).map { Int32($0) }
            }
        }
        var unknown: Int32?
        if fields["unk_token"] != .null {
            var name = try fields.text("unk_token")
            unknown = name.withUTF8 { vocabulary.number(of: $0) }.map { Int32($0) }
            // If every byte has a token, no byte is unknown.
            guard unknown != nil || bytes.allSatisfy({ $0 != nil }) else {
                throw fields.malformed("unk_token", "is '\(name)', which is not a token")
            }
        }
        return .bytePairs(
            BytePairModel(
                vocabulary: vocabulary, merges: try merges(fields, vocabulary), byteTokens: bytes,
                unknown: unknown, joinsUnknown: try fields.flag("fuse_unk", default: false),
                ignoresMerges: try fields.flag("ignore_merges", default: false), pattern: pattern))
    }

    private func pattern() throws -> WordPattern {
        let fields = try root.table("pre_tokenizer")
        switch fields["type"] {
        case .string("ByteLevel"):
            try checkByteLevel(fields, usesExpression: true)
            return .gpt2
        case .string("Sequence"):
            try fields.allow("type", "pretokenizers")
            let steps = try fields.tables("pretokenizers")
            guard steps.count == 2 else {
                throw fields.unsupported("pretokenizers", "only Split and ByteLevel together are")
            }
            try steps[0].require("type", "Split")
            try steps[0].allow("type", "pattern", "behavior", "invert")
            let pattern = try steps[0].table("pattern")
            guard case .string(WordPattern.qwen2Expression) = pattern["Regex"] else {
                throw steps[0].unsupported("pattern", "only Qwen2's regular expression is")
            }
            try steps[0].require("behavior", "Isolated")
            guard try !steps[0].flag("invert", default: false) else {
                throw steps[0].unsupported("invert", "it must be false")
            }
            try steps[1].require("type", "ByteLevel")
            try checkByteLevel(steps[1], usesExpression: false)
            return .qwen2
        default:
            throw fields.unsupported("type", "for BPE only 'ByteLevel' and 'Sequence' are")
        }
    }

    private func checkByteLevel(_ fields: JSONFields, usesExpression: Bool) throws {
        try fields.allow("type", "add_prefix_space", "trim_offsets", "use_regex")
        guard try !fields.flag("add_prefix_space", default: true) else {
            throw fields.unsupported("add_prefix_space", "it must be false")
        }
        guard try fields.flag("use_regex", default: true) == usesExpression else {
            throw fields.unsupported("use_regex", "it must be \(usesExpression)")
        }
    }

    private func checkBytePairDecoder() throws {
        try root.table("decoder").require("type", "ByteLevel")
        // Other post-processors add tokens; ByteLevel only changes offsets.
        if root["post_processor"] != .null {
            try root.table("post_processor").require("type", "ByteLevel")
        }
    }

    private func words(_ fields: JSONFields) throws -> Tokenizer.Model {
        try fields.allow("type", "vocab", "unk_token")
        try root.table("pre_tokenizer").require("type", "WhitespaceSplit")
        for name in ["decoder", "post_processor"] where root[name] != .null {
            throw root.unsupported(name, "for WordLevel it must be null")
        }
        let vocabulary = try vocabulary(fields)
        var unknown = try fields.text("unk_token")
        return .words(
            vocabulary,
            unknown: unknown.withUTF8 { vocabulary.number(of: $0) }.map { Int32($0) })
    }

    // MARK: - Tokens

    /// The tokens of the model, numbered by their ids.
    private func vocabulary(_ fields: JSONFields) throws -> ByteStringTable {
        guard let start = large["vocab"] else { throw fields.malformed("vocab", "is missing") }
        var reader = reader.at(start)
        guard reader.byte == UInt8(ascii: "{") else {
            throw fields.malformed("vocab", "must map tokens to ids")
        }
        // A member takes about twenty bytes, and merges take about as many.
        var table = ByteStringTable(capacity: min(reader.count / 40, 1 << 20))
        var ids: [Int] = []
        var isOrdered = true
        try Self.reading(path, &reader) { reader in
            try reader.object { reader in
                let isNew = try reader.name().withBytes { table.insert($0).isNew }
                guard isNew else {
                    throw LanguageModelError.malformed(
                        path: path, "the token occurs twice in `model.vocab`", at: reader.offset,
                        in: reader)
                }
                let id = try reader.integer()
                isOrdered = isOrdered && id == ids.count
                ids.append(id)
            }
        }
        if isOrdered { return table }
        var numbers = [Int?](repeating: nil, count: ids.count)
        for (number, id) in ids.enumerated() {
            guard numbers.indices.contains(id), numbers[id] == nil else {
                let token = String(decoding: table.string(number), as: UTF8.self)
                throw LanguageModelError.malformed(
                    path: path, reason: "the id \(id) of '\(token)' is out of range or used twice")
            }
            numbers[id] = number
        }
        var ordered = ByteStringTable(capacity: ids.count)
        for number in numbers.compactMap({ $0 }) {
            table.string(number).withUnsafeBufferPointer { _ = ordered.insert($0) }
        }
        return ordered
    }

    /// Parses the merges, which are pairs or texts with one blank.
    private func merges(
        _ fields: JSONFields, _ vocabulary: ByteStringTable
    ) throws -> MergeTable {
        guard let start = large["merges"] else { throw fields.malformed("merges", "is missing") }
        var reader = reader.at(start)
        guard reader.byte == UInt8(ascii: "[") else {
            throw fields.malformed("merges", "must be a list")
        }
        var table = MergeTable(capacity: vocabulary.count)
        // The concatenation of both parts of a merge, which is the merged token.
        var whole: [UInt8] = []
        var expected = 0
        try Self.reading(path, &reader) { reader in
            try reader.list { reader in
                guard table.count < MergeTable.limit else {
                    throw fields.malformed("merges", "has more than \(MergeTable.limit) merges")
                }
                whole.removeAll(keepingCapacity: true)
                let split = try parts(of: &reader, table.count, fields, into: &whole)
                let (left, right, joined) = try whole.withUnsafeBufferPointer { whole in
                    func token(_ part: Slice<UnsafeBufferPointer<UInt8>>) throws -> Int32 {
                        let bytes = UnsafeBufferPointer(rebasing: part)
                        if let id = vocabulary.number(of: bytes) { return Int32(id) }
                        let name = String(decoding: part, as: UTF8.self)
                        throw fields.malformed(
                            "merges",
                            "names '\(name)' in its merge \(table.count), which is no token")
                    }
                    // Tokens are mostly in the order of the merges that create them.
                    let isNext = vocabulary.has(whole, at: expected)
                    return (
                        try token(whole[..<split]), try token(whole[split...]),
                        isNext ? Int32(expected) : try token(whole[...])
                    )
                }
                guard table.append(left, right, whole: joined) else {
                    throw fields.malformed("merges", "has its merge \(table.count) twice")
                }
                expected = Int(joined) + 1
            }
        }
        return table
    }

    /// Parses a merge into `whole`; returns the start of its second part.
    private func parts(
        of reader: inout JSONReader, _ number: Int, _ fields: JSONFields,
        into whole: inout [UInt8]
    ) throws -> Int {
        func wrong() -> LanguageModelError {
            fields.malformed("merges", "has a merge \(number) that does not have two tokens")
        }
        var split = 0
        reader.skipBlanks()
        if reader.byte == UInt8(ascii: "\"") {
            try reader.string { text in
                guard let blank = text.firstIndex(of: 0x20),
                    text.lastIndex(of: 0x20) == blank
                else { throw wrong() }
                whole.append(contentsOf: UnsafeBufferPointer(rebasing: text[..<blank]))
                whole.append(contentsOf: UnsafeBufferPointer(rebasing: text[(blank + 1)...]))
                split = blank
            }
        } else {
            var count = 0
            try reader.list { reader in
                guard count < 2 else { throw wrong() }
                split = whole.count
                try reader.string { whole.append(contentsOf: $0) }
                count += 1
            }
            guard count == 2 else { throw wrong() }
        }
        guard split > 0, split < whole.count else { throw wrong() }
        return split
    }

    private func addedTokens(
        _ vocabulary: ByteStringTable, composes: Bool
    ) throws -> [AddedToken] {
        var next = vocabulary.count
        var contents: Set<String> = []
        return try root.tables("added_tokens").map { fields in
            try fields.allow(
                "id", "content", "single_word", "lstrip", "rstrip", "normalized", "special")
            var content = try fields.text("content")
            guard !content.isEmpty, contents.insert(content).inserted else {
                throw fields.malformed("content", "is empty or used twice")
            }
            let isNormalized = try fields.flag("normalized")
            let known = content.withUTF8 { vocabulary.number(of: $0) }
            let isComposed = content.withUTF8 { bytes in
                ScalarReader.with(bytes) { CanonicalComposition.normalized($0) == nil }
            }
            guard isComposed || !isNormalized || !composes else {
                throw fields.unsupported("content", "as it is `normalized`, form C is")
            }
            let id = known ?? next
            guard fields["id"] == .integer(id), id <= Int32.max else {
                let reason =
                    known == nil
                    ? "added tokens follow the vocabulary without a gap" : "as in `model.vocab`"
                throw fields.malformed("id", "must be \(id): \(reason)")
            }
            if known == nil { next += 1 }
            return AddedToken(
                id: Int32(id), content: content, isSpecial: try fields.flag("special"),
                isSingleWord: try fields.flag("single_word"),
                stripsLeft: try fields.flag("lstrip"), stripsRight: try fields.flag("rstrip"),
                isNormalized: isNormalized)
        }
    }
}
