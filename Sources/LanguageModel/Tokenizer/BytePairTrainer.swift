/// Trains a byte-level byte pair encoding. Counts the words of texts, then repeatedly merges the most frequent
/// pair of tokens. Among equally frequent pairs, the one with the lower ids is merged first, so that the same
/// texts give the same tokenizer.
///
/// The tokenizer uses the pre-tokenizer of Qwen2 and NFC. Its ids are the 256 bytes, the tokens of the merges
/// in order, then the special tokens.
public struct BytePairTrainer: Sendable {
    private let vocabularySize: Int
    private let minimumFrequency: Int
    private let special: [AddedToken]
    private let finder: TokenFinder

    private var words = ByteStringTable()
    private var counts: [Int] = []

    /// A trainer without texts. `special` texts become tokens of their own and are not part of words; they must
    /// be distinct and longer than one byte. `vocabularySize` includes these and the 256 bytes. Pairs that
    /// occur fewer than `minimumFrequency` times are not merged.
    public init(vocabularySize: Int, special: [String], minimumFrequency: Int) {
        precondition(
            Set(special).count == special.count && special.allSatisfy { $0.utf8.count > 1 })
        precondition(vocabularySize >= 256 + special.count, "no room for bytes and special tokens")
        self.vocabularySize = vocabularySize
        self.minimumFrequency = max(1, minimumFrequency)
        // Their ids are assigned after the merges.
        self.special = special.map { AddedToken(id: 0, content: $0, isSpecial: true) }
        finder = TokenFinder(self.special)
    }

    /// The number of distinct words of two or more bytes.
    public var wordCount: Int { words.count }

    /// Counts the words of a text.
    public mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            ScalarReader.with(bytes) { reader in
                finder.forEachPart(in: reader) { part in
                    guard case .text(let range) = part else { return }
                    count(UnsafeBufferPointer(rebasing: bytes[range]))
                }
            }
        }
    }

    private mutating func count(_ bytes: UnsafeBufferPointer<UInt8>) {
        ScalarReader.with(bytes) { reader in
            if let composed = CanonicalComposition.normalized(reader) {
                composed.withUnsafeBufferPointer { bytes in
                    ScalarReader.with(bytes) { countWords($0) }
                }
            } else {
                countWords(reader)
            }
        }
    }

    private mutating func countWords(_ reader: ScalarReader) {
        WordPattern.qwen2.forEachWord(in: reader) { word in
            guard word.count > 1 else { return }
            let (number, isNew) = words.insert(word)
            if isNew { counts.append(1) } else { counts[number] += 1 }
        }
    }

    /// The tokenizer for the texts so far. Ends early if no pair is frequent enough.
    ///
    /// - Parameter progress: Called from time to time with the number of tokens so far; errors that it throws
    ///   end the training.
    public func tokenizer(progress: (_ tokens: Int) throws -> Void = { _ in }) throws -> Tokenizer {
        var tokens = ByteStringTable(capacity: vocabularySize)
        var spellings: [[UInt8]] = []
        for scalar in ByteAlphabet.scalars.sorted() {
            spellings.append(
                Unicode.Scalar(scalar).flatMap { UTF8.encode($0) }.map { Array($0) } ?? [])
        }
        for spelling in spellings { spelling.withUnsafeBufferPointer { _ = tokens.insert($0) } }
        let byteTokens = (0..<256).map { byte in
            ByteAlphabet.spelling(of: [UInt8(byte)]).withUnsafeBufferPointer {
                Int32(tokens.number(of: $0) ?? 0)
            }
        }
        var pairs = PairCounts(words: words, counts: counts, byteTokens: byteTokens)
        var merges: [Merge] = []
        var known: Set<Merge> = []
        while tokens.count + special.count < vocabularySize,
            let (left, right) = pairs.popMostFrequent(atLeast: minimumFrequency)
        {
            let joined = Array(tokens.string(Int(left)) + tokens.string(Int(right)))
            let whole = joined.withUnsafeBufferPointer { tokens.insert($0).number }
            pairs.merge(left, right, into: Int32(whole))
            // A merge may recreate a pair that was merged before.
            let merge = Merge(left: left, right: right)
            if known.insert(merge).inserted { merges.append(merge) }
            if merges.count % 64 == 0 { try progress(tokens.count) }
        }
        let json = json(tokens, merges)
        return try Tokenizer(json: json, path: "tokenizer.json")
    }

    private struct Merge: Hashable {
        let left: Int32
        let right: Int32
    }

    private func json(_ tokens: ByteStringTable, _ merges: [Merge]) -> String {
        func quoted(_ token: Int) -> String {
            JSONFile.quoted(String(decoding: tokens.string(token), as: UTF8.self))
        }
        var next = tokens.count
        let added = special.map { token in
            var content = token.content
            let known = content.withUTF8 { tokens.number(of: $0) }
            defer { if known == nil { next += 1 } }
            return AddedToken(id: Int32(known ?? next), content: token.content, isSpecial: true)
                .json
        }
        let byteLevel =
            #"{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":false}"#
        let expression = JSONFile.quoted(WordPattern.qwen2Expression)
        return """
            {"version":"1.0","truncation":null,"padding":null,
            "added_tokens":[\(added.joined(separator: ",\n"))],
            "normalizer":{"type":"NFC"},
            "pre_tokenizer":{"type":"Sequence","pretokenizers":[
            {"type":"Split","pattern":{"Regex":\(expression)},"behavior":"Isolated","invert":false},
            \(byteLevel)]},
            "post_processor":\(byteLevel),
            "decoder":\(byteLevel),
            "model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,\
            "end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,"ignore_merges":false,
            "vocab":{\((0..<tokens.count).map { "\(quoted($0)):\($0)" }.joined(separator: ",\n"))},
            "merges":[\(merges.map { "[\(quoted(Int($0.left))),\(quoted(Int($0.right)))]" }.joined(separator: ",\n"))]}}

            """
    }
}
