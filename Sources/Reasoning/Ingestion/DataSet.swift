/// Collects questions and their demonstrations, record by record.
package struct DataSet: Sendable {
    /// The accepted questions in the order of the records; `nil` if a test question replaced an entry.
    private var taken: [Taken?] = []
    private var leftOut: [LeftOut] = []

    /// Indices into `taken` by the text of the question with normalised whitespace and case.
    private var indexByText: [String: Int] = [:]

    /// Texts with normalised whitespace and case.
    private let excluded: Set<String>

    private struct Taken {
        let mapped: MappedQuestion
        let position: String
    }

    private struct LeftOut {
        /// The accepted question itself if it is equal, so that both share their texts.
        let question: Question
        let position: String

        /// `nil` if the question was left out as a duplicate.
        let problem: String?
    }

    /// A data set whose training questions have the text of none of `questions`, ignoring case and whitespace.
    package init(excluding questions: [Question] = []) {
        excluded = Set(questions.map(\.comparedText))
    }

    /// Adds a question, unless its record has a problem. Among questions with the same text, ignoring case and
    /// whitespace, the first is kept, but a test question replaces a training question: test questions must not be trained on. Neither must
    /// excluded questions, which are left out unless they are test questions themselves. `position`
    /// locates the record without file names, because results must not depend on them.
    package mutating func add(_ mapped: MappedQuestion, position: String) {
        let question = mapped.question
        if let problem = mapped.problem {
            leftOut.append(LeftOut(question: question, position: position, problem: problem))
            return
        }
        let text = question.comparedText
        if !question.isTest, excluded.contains(text) {
            leftOut.append(
                LeftOut(question: question, position: position, problem: "also in exclude"))
            return
        }
        if let index = indexByText[text], let first = taken[index] {
            guard question.isTest, !first.mapped.question.isTest else {
                let taken = first.mapped.question
                leftOut.append(
                    LeftOut(
                        question: taken == question ? taken : question, position: position,
                        problem: nil))
                return
            }
            leftOut.append(
                LeftOut(question: first.mapped.question, position: first.position, problem: nil))
            taken[index] = nil
        }
        indexByText[text] = taken.count
        taken.append(Taken(mapped: mapped, position: position))
    }

    package var questions: [Question] { taken.compactMap { $0?.mapped.question } }

    /// The demonstrations of the training questions.
    package var demonstrations: [Example] {
        trained.compactMap {
            guard case .example(let example) = $0.mapped.demonstration else { return nil }
            return example
        }
    }

    /// Training questions without a demonstration, although the mapping has a field for one.
    package var undemonstrated: [ExcludedQuestion] {
        trained.compactMap {
            guard case .missing(let problem) = $0.mapped.demonstration else { return nil }
            return ExcludedQuestion($0.mapped.question, reason: "\($0.position): \(problem)")
        }
    }

    /// The records that were left out.
    package var exclusions: LazyMapCollection<Range<Int>, ExcludedQuestion> {
        leftOut.indices.lazy.map {
            let left = leftOut[$0]
            let problem = left.problem ?? "the same text as \(kept(insteadOf: left.question))"
            return ExcludedQuestion(left.question, reason: "\(left.position): \(problem)")
        }
    }

    private func kept(insteadOf question: Question) -> String {
        let kept = indexByText[question.comparedText].flatMap { taken[$0] }
        return kept.map { "the question \($0.mapped.question.id)" } ?? "another question"
    }

    private var trained: [Taken] {
        taken.compactMap { $0?.mapped.question.isTest == false ? $0 : nil }
    }

    /// The number of questions per source, the largest first.
    package var sources: [(name: String, count: Int)] {
        Dictionary(grouping: questions, by: \.source).map { ($0, $1.count) }
            .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    }
}

extension Question {
    fileprivate var isTest: Bool { split == Splits.test }

    /// The text with single spaces and without differences of case. Upper case first, which spells out letters such
    /// as ß.
    fileprivate var comparedText: String { text.withSingleSpaces.uppercased().lowercased() }
}

/// How questions are split into training and test questions.
package struct Splits: Hashable, Sendable {
    /// The split that evaluations read.
    package static let test = "test"

    /// The split of all other questions.
    package var name: String

    /// The share of the other questions that is moved to the test split. The choice for each question depends
    /// on `seed` and its id alone, so adding questions does not change it.
    package var testShare: Double
    package var seed: Int

    package init(name: String, testShare: Double, seed: Int) {
        self.name = name
        self.testShare = testShare
        self.seed = seed
    }

    package func split(of id: String) -> String {
        var random = RandomSource(seed: seed, "split", .text(id))
        return random.chance(testShare) ? Self.test : name
    }
}
