/// Where a record has options to choose from, and how it says which one is right.
package struct MultipleChoice: Hashable, Sendable {
    /// One field that holds a list, or a field for each option.
    package var fields: [String]
    package var answer: Answer

    /// Whether the options stand in a random order, which is a function of `seed` and of the question alone.
    package var isShuffled: Bool
    package var seed: Int

    /// What the answer's field holds.
    package enum Answer: String, Hashable, Sendable, CaseIterable {
        /// The right option's text.
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

    /// A question with its options, lettered.
    struct Posed {
        let text: String

        /// The letter of the right option; `nil` if none is known.
        let answer: String?

        /// Why no letter can be right, if none can.
        let problem: String?
    }

    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ").map(String.init)

    /// The question `stem` with the options of a record. `answer` is what `field` says; `name` tells this
    /// question from others.
    func posed(
        _ stem: String, answer: String?, field: String, name: String, _ record: RecordFields
    ) throws(RecordProblem) -> Posed {
        var options = try options(of: record)
        let right = try answer.map { answer throws(RecordProblem) in
            try index(of: answer, among: options, field)
        }
        // MMLU-Pro has `N/A` where it has fewer than ten options.
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

    /// The letters of the options that the text of a question shows, each on a line of its own as `posed` writes
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
