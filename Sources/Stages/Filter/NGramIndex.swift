import Reasoning

/// What others must not contain of questions: their sequences of n normalised words, and of a question with fewer all
/// of them. Built and searched in linear time.
struct NGramIndex {
    private let length: Int
    /// Words by their first appearance, so that n-grams are compared as numbers.
    private var numbers: [Substring: Int] = [:]
    /// The first question with each n-gram.
    private var owners: [ArraySlice<Int>: String] = [:]
    /// How many words the n-grams have that begin with a word, most first.
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

    /// The first n-gram of `text` that a question has, the longest of those that begin there, and the first such
    /// question. A question of one word is found in a text of that word alone.
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
