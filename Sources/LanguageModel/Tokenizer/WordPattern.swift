/// How a byte-level tokenizer splits a text into words: a hand-written scanner for the regular expressions of
/// GPT-2 and Qwen2.
enum WordPattern: Sendable {
    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    case gpt2
    /// `WordPattern.qwen2Expression`
    case qwen2

    /// The regular expression as in tokenizer.json.
    static let qwen2Expression =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

    /// Calls `body` with each word of a text, in order.
    func forEachWord(
        in reader: ScalarReader, _ body: (UnsafeBufferPointer<UInt8>) throws -> Void
    ) rethrows {
        var start = 0
        while start < reader.count {
            let end =
                switch self {
                case .gpt2: gpt2End(reader, start)
                case .qwen2: qwen2End(reader, start)
                }
            try body(UnsafeBufferPointer(rebasing: reader.bytes[start..<end]))
            start = end
        }
    }

    /// The end of the word that begins at `start`. The alternatives are in the order of the expression.
    private func qwen2End(_ reader: ScalarReader, _ start: Int) -> Int {
        let bytes = reader.bytes
        let first = bytes[start]
        if first == UInt8(ascii: "'"), let end = contraction(bytes, start, foldsCase: true) {
            return end
        }
        let (kind, next) = reader.kind(at: start)
        if kind == UnicodeClasses.letter { return reader.end(ofRunOf: kind, from: next) }
        if kind == UnicodeClasses.number { return next }
        let follower = next < reader.count ? reader.kind(at: next).kind : nil
        if follower == UnicodeClasses.letter, !isNewline(first) {
            return reader.end(ofRunOf: UnicodeClasses.letter, from: next)
        }
        if kind == UnicodeClasses.other || first == 0x20 && follower == UnicodeClasses.other {
            var end = reader.end(ofRunOf: UnicodeClasses.other, from: next)
            while end < reader.count, isNewline(bytes[end]) { end += 1 }
            return end
        }
        let end = reader.end(ofRunOf: UnicodeClasses.space, from: next)
        if let last = bytes[start..<end].lastIndex(where: isNewline) { return last + 1 }
        return endOfBlanks(reader, start, end)
    }

    private func gpt2End(_ reader: ScalarReader, _ start: Int) -> Int {
        let first = reader.bytes[start]
        if first == UInt8(ascii: "'"), let end = contraction(reader.bytes, start, foldsCase: false)
        {
            return end
        }
        let (kind, next) = reader.kind(at: start)
        if kind != UnicodeClasses.space { return reader.end(ofRunOf: kind, from: next) }
        if first == 0x20, next < reader.count {
            let follower = reader.kind(at: next).kind
            if follower != UnicodeClasses.space {
                return reader.end(ofRunOf: follower, from: next)
            }
        }
        let end = reader.end(ofRunOf: UnicodeClasses.space, from: next)
        return endOfBlanks(reader, start, end)
    }

    /// `\s+(?!\S)|\s+`: the last blank before a word belongs to that word.
    private func endOfBlanks(_ reader: ScalarReader, _ start: Int, _ end: Int) -> Int {
        if end == reader.count { return end }
        let last = reader.start(before: end)
        return last > start ? last : end
    }

    private func isNewline(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    /// The end of `'s`, `'re` and similar contractions at `start`. U+017F folds to s.
    private func contraction(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, foldsCase: Bool
    ) -> Int? {
        func letter(_ offset: Int) -> UInt8? {
            guard start + offset < bytes.count else { return nil }
            let byte = bytes[start + offset]
            return foldsCase && (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
        }
        switch (letter(1), letter(2)) {
        case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _),
            (UInt8(ascii: "d"), _):
            return start + 2
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")),
            (0xC5, 0xBF) where foldsCase:
            return start + 3
        default: return nil
        }
    }
}
