/// A byte-level byte pair encoding: words of bytes in which pairs of tokens are merged.
struct BytePairModel: Sendable {
    let vocabulary: ByteStringTable
    let merges: MergeTable

    /// The token of each byte. Some vocabularies have no tokens for bytes that do not occur in UTF-8 or are
    /// rare.
    let byteTokens: [Int32?]

    /// The token for bytes without a token; if `nil`, they are dropped, as in tokenizers.
    let unknown: Int32?

    /// Whether consecutive unknown bytes form one token.
    let joinsUnknown: Bool

    /// Whether a word that is itself a token is not split, regardless of the merges.
    let ignoresMerges: Bool
    let pattern: WordPattern

    /// Appends the tokens of a normalized text.
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

/// Buffers that are reused for all words of a text.
struct BytePairScratch {
    var cache = WordCache()

    /// The tokens of a word as a doubly linked list: token, previous index and next index.
    private var tokens: [Int32] = []
    private var previous: [Int] = []
    private var next: [Int] = []

    /// A heap of possible merges, lowest first: the rank in the high bits, the index of the left token in the
    /// low bits.
    private var queue: [UInt64] = []
    private static let placeBits: UInt64 = 40

    /// Appends the tokens of a word. The pair with the lowest rank is merged first, and the leftmost among
    /// equals. O(n log n) for n bytes.
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
            // Skip an entry whose pair has changed. Merged tokens are marked with -1.
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

/// Caches the tokens of the words of a text.
struct WordCache {
    private var words = ByteStringTable()
    private var ids: [Int32] = []
    private var ends: [Int] = []

    /// Longer words are not cached, and the cache is limited in size.
    private static let (longest, most) = (64, 1 << 16)

    /// Appends the tokens of a word if it is cached; returns whether it is.
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
