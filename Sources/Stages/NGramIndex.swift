import Reasoning

/// The n-grams of questions that others must not contain: sequences of n normalised words, and of a text
/// with fewer all of them. Built and searched in linear time.
struct NGramIndex {
    private let length: Int
    /// Words by their first appearance, so that n-grams are compared as numbers.
    private var numbers: [Substring: Int] = [:]
    /// The first question with each n-gram.
    private var owners: [ArraySlice<Int>: String] = [:]

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
            }
        }
    }

    /// The first n-gram of `text` that a question has, and the first such question.
    func overlap(with text: String) -> (ngram: String, question: String)? {
        let words = text.normalizedWords
        let known = words.map { numbers[$0] ?? -1 }
        for range in ranges(of: words.count) {
            if let owner = owners[known[range]] {
                return (words[range].joined(separator: " "), owner)
            }
        }
        return nil
    }

    private func ranges(of count: Int) -> [Range<Int>] {
        guard count > length else { return count > 0 ? [0..<count] : [] }
        return (0...count - length).map { $0..<$0 + length }
    }
}
