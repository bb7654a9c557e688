/// A token that is matched in the text before the model tokenizes it.
struct AddedToken: Hashable, Sendable {
    let id: Int32
    let content: String

    /// Whether it represents no text, such as the end of a document.
    var isSpecial = false

    /// Whether it matches only at word boundaries.
    var isSingleWord = false

    /// Whether it absorbs the blanks before it, and those after it.
    var stripsLeft = false
    var stripsRight = false

    /// Whether it is matched after normalization, not before.
    var isNormalized = false
}

/// The added tokens of a tokenizer.
struct AddedTokens: Sendable {
    let tokens: [AddedToken]
    private let byContent: [String: Int]
    private let byID: [Int32: Int]

    /// The range of ids. Most ids of a text are outside.
    private let ids: ClosedRange<Int32>?

    /// The tokens that are matched in the original text.
    let verbatim: TokenFinder

    /// The tokens that are matched after normalization.
    let normalized: TokenFinder

    /// Contents must be distinct and not empty. Those that are matched in normalized text must be normalized.
    init(_ tokens: [AddedToken]) {
        self.tokens = tokens
        byContent = Dictionary(
            tokens.enumerated().map { ($1.content, $0) }, uniquingKeysWith: { first, _ in first })
        byID = Dictionary(
            tokens.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        let sorted = tokens.map(\.id).sorted()
        ids = sorted.first.flatMap { first in sorted.last.map { first...$0 } }
        verbatim = TokenFinder(tokens.filter { !$0.isNormalized })
        normalized = TokenFinder(tokens.filter(\.isNormalized))
    }

    func token(of content: String) -> AddedToken? { byContent[content].map { tokens[$0] } }

    func token(withID id: Int32) -> AddedToken? {
        guard let ids, ids.contains(id) else { return nil }
        return byID[id].map { tokens[$0] }
    }
}

/// Finds tokens in a text: the leftmost match, and the longest of several that begin at the same position.
struct TokenFinder: Sendable {
    /// Sorted by bytes, so that contents with a common prefix are adjacent.
    private let contents: [[UInt8]]
    private let tokens: [AddedToken]

    /// For each byte, the range of contents that begin with it.
    private let first: [Range<Int>]

    init(_ tokens: [AddedToken]) {
        self.tokens = tokens.sorted { $0.content.utf8.lexicographicallyPrecedes($1.content.utf8) }
        contents = self.tokens.map { Array($0.content.utf8) }
        var first = [Range<Int>](repeating: 0..<0, count: 256)
        for (index, content) in contents.enumerated() {
            guard let byte = content.first.map({ Int($0) }) else { continue }
            first[byte] = (first[byte].isEmpty ? index : first[byte].lowerBound)..<(index + 1)
        }
        self.first = first
    }

    var isEmpty: Bool { contents.isEmpty }

    /// The longest token that begins at `start`, and its end.
    private func longest(
        _ bytes: UnsafeBufferPointer<UInt8>, at start: Int
    ) -> (index: Int, end: Int)? {
        var range = first[Int(bytes[start])]
        var found: (index: Int, end: Int)?
        var depth = 1
        while !range.isEmpty {
            if contents[range.lowerBound].count == depth {
                found = (range.lowerBound, start + depth)
                range = (range.lowerBound + 1)..<range.upperBound
            }
            guard start + depth < bytes.count else { break }
            let byte = bytes[start + depth]
            let lower = partition(range) { contents[$0][depth] >= byte }
            let upper = partition(lower..<range.upperBound) { contents[$0][depth] > byte }
            range = lower..<upper
            depth += 1
        }
        return found
    }

    /// The first member of a sorted range for which `isBehind` is true.
    private func partition(_ range: Range<Int>, _ isBehind: (Int) -> Bool) -> Int {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// A part of a text: an added token, or the text between added tokens.
    enum Part {
        case token(Int32)
        case text(Range<Int>)
    }

    /// Calls `body` with the parts of a text, in order.
    func forEachPart(in reader: ScalarReader, _ body: (Part) throws -> Void) rethrows {
        let bytes = reader.bytes
        var (done, index) = (0, 0)
        while !isEmpty, index < bytes.count {
            guard let (number, matchEnd) = longest(bytes, at: index) else {
                index += 1
                continue
            }
            var (start, end) = (index, matchEnd)
            index = matchEnd
            let token = tokens[number]
            if token.isSingleWord, isWord(reader, before: start) || isWord(reader, at: end) {
                continue
            }
            if token.stripsLeft { start = max(startOfBlanks(reader, before: start), done) }
            if token.stripsRight { end = reader.end(ofRunOf: UnicodeClasses.space, from: end) }
            if done < start { try body(.text(done..<start)) }
            try body(.token(token.id))
            done = end
        }
        if done < bytes.count { try body(.text(done..<bytes.count)) }
    }

    private func startOfBlanks(_ reader: ScalarReader, before end: Int) -> Int {
        var start = end
        while start > 0 {
            let previous = reader.start(before: start)
            guard reader.kind(at: previous).kind == UnicodeClasses.space else { break }
            start = previous
        }
        return start
    }

    private func isWord(_ reader: ScalarReader, before index: Int) -> Bool {
        index > 0 && isWord(reader.scalar(at: reader.start(before: index)).value)
    }

    private func isWord(_ reader: ScalarReader, at index: Int) -> Bool {
        index < reader.count && isWord(reader.scalar(at: index).value)
    }

    /// `\w` as Unicode's regular expressions define it (UTS 18, annex C).
    private func isWord(_ value: UInt32) -> Bool {
        guard let properties = Unicode.Scalar(value)?.properties,
            let age = properties.age, age <= UnicodeRanges.version
        else { return false }
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation:
            return true
        default: return value == 0x200C || value == 0x200D || properties.isAlphabetic
        }
    }
}

extension AddedToken {
    /// The token as an entry of tokenizer.json.
    var json: String {
        """
        {"id":\(id),"content":\(JSONFile.quoted(content)),"single_word":\(isSingleWord),"lstrip":\(stripsLeft),\
        "rstrip":\(stripsRight),"normalized":\(isNormalized),"special":\(isSpecial)}
        """
    }
}
