/// Questions with their demonstrations, gathered record by record.
package struct DataSet: Sendable {
    /// What has been taken, in the order of the records; `nil` where a test question took its place.
    private var taken: [Taken?] = []
    private var leftOut: [LeftOut] = []

    /// Where the questions stand in `taken`, by their texts without regard to blanks.
    private var indexByText: [String: Int] = [:]

    private struct Taken {
        let mapped: MappedQuestion
        let position: String
    }

    private struct LeftOut {
        /// Shares its texts with the question that was taken, if it is the same.
        let question: Question
        let position: String

        /// `nil` where another question has the same text.
        let problem: String?
    }

    package init() {}

    /// Takes a question, unless its record has a problem. Of questions with the same text the first stays, but one
    /// for tests before all others: what tests ask must not be trained on. `position` says where the record stands
    /// without the names of files, on which no result may depend.
    package mutating func add(_ mapped: MappedQuestion, position: String) {
        let question = mapped.question
        if let problem = mapped.problem {
            leftOut.append(LeftOut(question: question, position: position, problem: problem))
            return
        }
        let text = question.text.withSingleSpaces
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

    /// Of training questions alone.
    package var demonstrations: [Example] {
        trained.compactMap {
            guard case .example(let example) = $0.mapped.demonstration else { return nil }
            return example
        }
    }

    /// The training questions that have no demonstration, though the records have a field for it.
    package var undemonstrated: [ExcludedQuestion] {
        trained.compactMap {
            guard case .missing(let problem) = $0.mapped.demonstration else { return nil }
            return ExcludedQuestion($0.mapped.question, reason: "\($0.position): \(problem)")
        }
    }

    /// The records that are left out.
    package var exclusions: LazyMapCollection<Range<Int>, ExcludedQuestion> {
        leftOut.indices.lazy.map {
            let left = leftOut[$0]
            let problem = left.problem ?? "the same text as \(kept(insteadOf: left.question))"
            return ExcludedQuestion(left.question, reason: "\(left.position): \(problem)")
        }
    }

    private func kept(insteadOf question: Question) -> String {
        let kept = indexByText[question.text.withSingleSpaces].flatMap { taken[$0] }
        return kept.map { "the question \($0.mapped.question.id)" } ?? "another question"
    }

    private var trained: [Taken] {
        taken.compactMap { $0?.mapped.question.isTest == false ? $0 : nil }
    }

    /// How many questions each source has, the largest first.
    package var sources: [(name: String, count: Int)] {
        Dictionary(grouping: questions, by: \.source).map { ($0, $1.count) }
            .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    }
}

extension Question {
    fileprivate var isTest: Bool { split == Splits.test }
}

/// Which questions are for training and which for tests.
package struct Splits: Hashable, Sendable {
    /// The split that tests read.
    package static let test = "test"

    /// The split of all other questions.
    package var name: String

    /// The share of those that go to the tests all the same, drawn for each question from `seed` and its id, so
    /// that other questions change nothing.
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
