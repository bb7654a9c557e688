import HeapModule

/// The counts of adjacent tokens in words, updated as pairs are merged.
struct PairCounts {
    private struct Pair {
        var count = 0

        /// The words that have or had the pair, possibly with duplicates.
        var words: [UInt32] = []
    }

    /// The tokens of all words, concatenated. Merging leaves the end of a word unused.
    private var tokens: [Int32] = []
    private var starts: [Int] = []
    private var lengths: [Int] = []
    private let counts: [Int]

    private var pairs: [UInt64: Pair] = [:]

    /// A heap of candidates, best first. Counts may be stale: an entry with a higher count than the true one is
    /// reinserted with the true count, and an entry with a lower count has a better one before it.
    private var queue = Heap<Candidate>()

    private struct Candidate: Comparable {
        let count: Int
        let pair: UInt64

        static func < (left: Candidate, right: Candidate) -> Bool {
            left.count != right.count ? left.count > right.count : left.pair < right.pair
        }
    }

    init(words: ByteStringTable, counts: [Int], byteTokens: [Int32]) {
        self.counts = counts
        for word in 0..<words.count {
            starts.append(tokens.count)
            for byte in words.string(word) { tokens.append(byteTokens[Int(byte)]) }
            lengths.append(tokens.count - starts[word])
        }
        for word in 0..<words.count {
            for place in starts[word]..<(starts[word] + lengths[word] - 1) {
                change(Self.key(tokens[place], tokens[place + 1]), by: counts[word], in: word)
            }
        }
        queue = Heap(pairs.map { Candidate(count: $1.count, pair: $0) })
    }

    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    private mutating func change(_ pair: UInt64, by difference: Int, in word: Int) {
        pairs[pair, default: Pair()].count += difference
        if difference > 0, pairs[pair]?.words.last != UInt32(word) {
            pairs[pair]?.words.append(UInt32(word))
        }
    }

    /// The most frequent pair, with the lowest ids among equals; `nil` if all are rarer than `least`.
    mutating func popMostFrequent(atLeast least: Int) -> (Int32, Int32)? {
        while let candidate = queue.popMin() {
            let count = pairs[candidate.pair]?.count ?? 0
            if count == candidate.count {
                guard count >= least else { return nil }
                return (
                    Int32(truncatingIfNeeded: candidate.pair >> 32),
                    Int32(truncatingIfNeeded: candidate.pair)
                )
            }
            if count > 0, count < candidate.count {
                queue.insert(Candidate(count: count, pair: candidate.pair))
            }
        }
        return nil
    }

    /// Merges a pair wherever it occurs, from left to right.
    mutating func merge(_ left: Int32, _ right: Int32, into whole: Int32) {
        let key = Self.key(left, right)
        guard let words = pairs.removeValue(forKey: key)?.words else { return }
        var grown: Set<UInt64> = []
        for word in words.map({ Int($0) }) { merge(left, right, into: whole, word, &grown) }
        // In runs of one token the pair overlaps itself; remove what is left of it.
        pairs[key] = nil
        grown.remove(key)
        for pair in grown {
            if let count = pairs[pair]?.count, count > 0 {
                queue.insert(Candidate(count: count, pair: pair))
            }
        }
    }

    private mutating func merge(
        _ left: Int32, _ right: Int32, into whole: Int32, _ word: Int, _ grown: inout Set<UInt64>
    ) {
        let (start, count) = (starts[word], counts[word])
        let end = start + lengths[word]
        var (from, to) = (start, start)
        while from < end {
            guard tokens[from] == left, from + 1 < end, tokens[from + 1] == right else {
                tokens[to] = tokens[from]
                (from, to) = (from + 1, to + 1)
                continue
            }
            if to > start {
                change(Self.key(tokens[to - 1], left), by: -count, in: word)
                let pair = Self.key(tokens[to - 1], whole)
                change(pair, by: count, in: word)
                grown.insert(pair)
            }
            if from + 2 < end {
                change(Self.key(right, tokens[from + 2]), by: -count, in: word)
                let pair = Self.key(whole, tokens[from + 2])
                change(pair, by: count, in: word)
                grown.insert(pair)
            }
            tokens[to] = whole
            (from, to) = (from + 2, to + 1)
        }
        lengths[word] = to - start
    }
}
