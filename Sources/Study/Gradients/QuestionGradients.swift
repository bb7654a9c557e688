/// Products of gradients of one question. A score is grad log pi of a rollout, and g = grad log P(Y_x|x) is the
/// mean score of correct rollouts. Products are of different rollouts, so that their noise is independent.
package struct QuestionGradients: Codable, Hashable {
    package var question: String
    /// The number of rollouts that determine the accuracy and g: every other rollout.
    package var rollouts: Int
    package var correct: Int

    /// <g, g>; `nil` unless two of these rollouts are correct.
    package var square: Double?

    /// The other rollouts, from which methods learn.
    package var others: [Other]

    /// <u, g> for the update u of the variational data; `nil` without `square`, and if the question has no
    /// example.
    package var variational: Double?

    /// Whether the variational data has an example for the question.
    package var isCandidate: Bool

    package struct Other: Codable, Hashable {
        package var correct: Bool
        /// <score, g>; `nil` if g is not measured.
        package var product: Double?

        package init(correct: Bool, product: Double?) {
            self.correct = correct
            self.product = product
        }
    }

    package init(
        question: String, rollouts: Int, correct: Int, square: Double? = nil, others: [Other],
        variational: Double? = nil, isCandidate: Bool
    ) {
        self.question = question
        self.rollouts = rollouts
        self.correct = correct
        self.square = square
        self.others = others
        self.variational = variational
        self.isCandidate = isCandidate
    }

    package var accuracy: Double { Double(correct) / Double(rollouts) }

    /// The other rollouts in groups of `size`, without an incomplete last group.
    package func groups(of size: Int) -> [ArraySlice<Other>] {
        (0..<others.count / size).map { others[$0 * size..<($0 + 1) * size] }
    }
}

/// The questions of a bin, and the norms of their summed updates per method. One line of a file in the work
/// directory.
package struct BinGradients: Codable, Hashable {
    package var questions: [QuestionGradients]
    package var norms: [Double]

    /// The number of tokens whose gradients were computed, with prompts; `nil` in files of earlier versions.
    package var tokens: Int?

    package init(questions: [QuestionGradients], norms: [Double], tokens: Int? = nil) {
        self.questions = questions
        self.norms = norms
        self.tokens = tokens
    }
}
