import Reasoning

/// An index of the sequences of n normalised words of questions; for shorter questions, of all their words. It
/// is built and searched in linear time.
struct NGramIndex {
    private let length: Int
    /// Words numbered by first occurrence, so that n-grams are compared as numbers.
    private var numbers: [Substring: Int] = [:]
    /// The first question with each n-gram.
    private var owners: [ArraySlice<Int>: String] = [:]
    /// The lengths of the n-grams that begin with a word, in descending order.
    private var lengths: [Int: [Int]] = [:]

    init(of questions: [Question], length: Int) {
        self.length = length
        for question in questions {
            var words: [Int] = []
            for word in question.text.normalizedWords {
                let number = numbers[word] ?? numbers.count
                numbers[word] = number
                words.append(number)
            }
            for range in ranges(of: words.count) where owners[words[range]] == nil {
                owners[words[range]] = question.id
                let known = lengths[words[range.lowerBound]] ?? []
                if !known.contains(range.count) {
                    lengths[words[range.lowerBound]] = (known + [range.count]).sorted(by: >)
                }
            }
        }
    }

    /// The first n-gram of `text` that occurs in a question, the longest of those that begin at this position,
    /// and the first such question. A question of one word matches only a text of that word.
    func overlap(with text: String) -> (ngram: String, question: String)? {
        let words = text.normalizedWords
        let known = words.map { numbers[$0] ?? -1 }
        for start in known.indices {
            for count in lengths[known[start]] ?? [] where count <= known.count - start {
                guard count > 1 || length == 1 || known.count == 1,
                    let owner = owners[known[start..<start + count]]
                else { continue }
                return (words[start..<start + count].joined(separator: " "), owner)
            }
        }
        return nil
    }

    private func ranges(of count: Int) -> [Range<Int>] {
        guard count > length else { return count > 0 ? [0..<count] : [] }
        return (0...count - length).map { $0..<$0 + length }
    }
}
