/// How a record lists options to choose from and states the correct one.
package struct MultipleChoice: Hashable, Sendable {
    /// One field that holds a list, or one field per option.
    package var fields: [String]
    package var answer: Answer

    /// Whether the options are shuffled. The order is a function of `seed` and the question.
    package var isShuffled: Bool
    package var seed: Int

    /// What the answer field contains.
    package enum Answer: String, Hashable, Sendable, CaseIterable {
        /// The text of the correct option.
        case text

        /// `A` for the first option.
        case letter

        /// 0 for the first option.
        case index
    }

    package init(fields: [String], answer: Answer, isShuffled: Bool, seed: Int) {
        self.fields = fields
        self.answer = answer
        self.isShuffled = isShuffled
        self.seed = seed
    }

    /// A question with lettered options.
    struct Posed {
        let text: String

        /// The letter of the correct option; `nil` if it is unknown.
        let answer: String?

        /// Why no single letter is correct, if so.
        let problem: String?
    }

    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ").map(String.init)

    /// The question `stem` with the options of a record. `answer` is the value of `field`; `name` identifies
    /// the question when the options are shuffled.
    func posed(
        _ stem: String, answer: String?, field: String, name: String, _ record: RecordFields
    ) throws(RecordProblem) -> Posed {
        var options = try options(of: record)
        let right = try answer.map { answer throws(RecordProblem) in
            try index(of: answer, among: options, field)
        }
        // MMLU-Pro pads questions with fewer than ten options with `N/A`.
        while let last = options.last, last.isEmpty || last == "N/A", right != options.count - 1 {
            options.removeLast()
        }
        guard 2...Self.letters.count ~= options.count else { throw .choiceCount(options.count) }
        var order = Array(options.indices)
        if isShuffled {
            var random = RandomSource(seed: seed, "choices", .text(name))
            random.shuffle(&order)
        }
        let lines = zip(Self.letters, order).map { "(\($0)) \(options[$1])" }
        let letter = right.flatMap { order.firstIndex(of: $0) }.map { Self.letters[$0] }
        let isRepeated = right.map { right in options.count { $0 == options[right] } > 1 }
        return Posed(
            text: ([stem, ""] + lines).joined(separator: "\n"), answer: letter,
            problem: isRepeated == true ? "the right option stands twice" : nil)
    }

    /// The letters of the options in the text of a question, which are on lines of their own as `posed` writes
    /// them; `nil` if there are fewer than two.
    static func options(shownIn text: String) -> ClosedRange<Character>? {
        var rest = text[...]
        var last: Character?
        for letter in letters {
            guard let found = rest.firstRange(ofBytes: "\n(\(letter)) ") else { break }
            rest = rest[found.upperBound...]
            last = Character(letter)
        }
        guard let last, last > "A" else { return nil }
        return "A"...last
    }

    private func options(of record: RecordFields) throws(RecordProblem) -> [String] {
        let texts =
            if fields.count == 1 {
                try record.texts(fields[0])
            } else {
                try fields.map { field throws(RecordProblem) in try record.text(field) }
            }
        return texts.map { ($0 ?? "").trimmed }
    }

    private func index(
        of answer: String, among options: [String], _ field: String
    ) throws(RecordProblem) -> Int {
        let answer = answer.trimmed
        let index =
            switch self.answer {
            case .text: options.firstIndex(of: answer)
            case .letter: Self.letters.firstIndex(of: answer)
            case .index: Int(answer)
            }
        guard let index, options.indices.contains(index) else {
            throw .unknownChoice(answer, field: field)
        }
        return index
    }
}
