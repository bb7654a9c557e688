/// A byte-level byte pair encoding: words of bytes, joined pair by pair.
struct BytePairModel: Sendable {
    let vocabulary: ByteStringTable
    let merges: MergeTable

    /// The token of each byte. Some vocabularies lack those that no UTF-8 or hardly any text has.
    let byteTokens: [Int32?]

    /// The token of bytes that have none; nil if they are left out, as tokenizers does.
    let unknown: Int32?

    /// Whether such bytes in a row are one token.
    let joinsUnknown: Bool

    /// Whether a word that is a token itself is taken as such, whatever the merges say.
    let ignoresMerges: Bool
    let pattern: WordPattern

    /// Appends the tokens of a text that was normalized.
    func encode(_ reader: ScalarReader, _ scratch: inout BytePairScratch, to ids: inout [Int32]) {
        pattern.forEachWord(in: reader) { word in
            if word.count == 1 {
                if let id = byteTokens[Int(word[0])] ?? unknown { ids.append(id) }
            } else if !scratch.cache.append(word, to: &ids) {
                let start = ids.count
                encodeWord(word, &scratch, to: &ids)
                scratch.cache.insert(word, ids[start...])
            }
        }
    }

    private func encodeWord(
        _ word: UnsafeBufferPointer<UInt8>, _ scratch: inout BytePairScratch, to ids: inout [Int32]
    ) {
        if ignoresMerges,
            let id = ByteAlphabet.spelling(of: word).withUnsafeBufferPointer({
                vocabulary.number(of: $0)
            })
        {
            ids.append(Int32(id))
            return
        }
        scratch.merge(word, self, to: &ids)
    }
}

/// Memory that encoding a text reuses from word to word.
struct BytePairScratch {
    var cache = WordCache()

    /// The tokens of a word as a linked list: a token's place, and the places before and behind it.
    private var tokens: [Int32] = []
    private var previous: [Int] = []
    private var next: [Int] = []

    /// Merges that may be due, the first one at the top: a rank above the place of the left token.
    private var queue: [UInt64] = []
    private static let placeBits: UInt64 = 40

    /// Appends the tokens of a word. The pair of lowest rank is joined first, and of equal ones the leftmost;
    /// n bytes take O(n log n).
    mutating func merge(
        _ word: UnsafeBufferPointer<UInt8>, _ model: BytePairModel, to ids: inout [Int32]
    ) {
        tokens.removeAll(keepingCapacity: true)
        previous.removeAll(keepingCapacity: true)
        next.removeAll(keepingCapacity: true)
        queue.removeAll(keepingCapacity: true)
        var wasKnown = true
        for byte in word {
            let known = model.byteTokens[Int(byte)]
            if let id = known ?? model.unknown, known != nil || wasKnown || !model.joinsUnknown {
                previous.append(tokens.count - 1)
                next.append(tokens.count + 1)
                tokens.append(id)
            }
            wasKnown = known != nil
        }
        let count = tokens.count
        for place in tokens.indices.dropLast() { push(place, model, count) }
        while let entry = pop() {
            let place = Int(truncatingIfNeeded: entry & ((1 << Self.placeBits) - 1))
            let right = next[place]
            // An entry whose pair has changed since is void: a token that was taken is -1.
            guard tokens[place] >= 0, right < count,
                let (rank, whole) = model.merges.find(tokens[place], tokens[right]),
                UInt64(rank) == entry >> Self.placeBits
            else { continue }
            tokens[place] = whole
            tokens[right] = -1
            next[place] = next[right]
            if next[place] < count { previous[next[place]] = place }
            if previous[place] >= 0 { push(previous[place], model, count) }
            push(place, model, count)
        }
        var place = 0
        while place < count {
            ids.append(tokens[place])
            place = next[place]
        }
    }

    private mutating func push(_ place: Int, _ model: BytePairModel, _ count: Int) {
        let right = next[place]
        guard right < count, let (rank, _) = model.merges.find(tokens[place], tokens[right])
        else { return }
        queue.append(UInt64(rank) << Self.placeBits | UInt64(place))
        var child = queue.count - 1
        while child > 0, queue[child] < queue[(child - 1) / 2] {
            queue.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func pop() -> UInt64? {
        guard let last = queue.popLast() else { return nil }
        guard let top = queue.first else { return last }
        var parent = 0
        while 2 * parent + 1 < queue.count {
            var child = 2 * parent + 1
            if child + 1 < queue.count, queue[child + 1] < queue[child] { child += 1 }
            guard queue[child] < last else { break }
            queue[parent] = queue[child]
            parent = child
        }
        queue[parent] = last
        return top
    }
}

/// The tokens of words that a text has had already.
struct WordCache {
    private var words = ByteStringTable()
    private var ids: [Int32] = []
    private var ends: [Int] = []

    /// Longer words are rare, and more words than that too many.
    private static let (longest, most) = (64, 1 << 16)

    /// Appends the tokens of a word if it is known.
    func append(_ word: UnsafeBufferPointer<UInt8>, to output: inout [Int32]) -> Bool {
        guard word.count <= Self.longest, let number = words.number(of: word) else { return false }
        output.append(contentsOf: ids[(number == 0 ? 0 : ends[number - 1])..<ends[number]])
        return true
    }

    mutating func insert(_ word: UnsafeBufferPointer<UInt8>, _ tokens: ArraySlice<Int32>) {
        guard word.count <= Self.longest, words.count < Self.most else { return }
        _ = words.insert(word)
        ids.append(contentsOf: tokens)
        ends.append(ids.count)
    }
}
