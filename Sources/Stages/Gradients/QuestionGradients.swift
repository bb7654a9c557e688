/// What the gradients of one question come to: products of scores, a score being grad log pi of a rollout.
/// g = grad log P(Y_x|x) is the mean score of correct rollouts. Products are of different rollouts, so that the noise
/// of one is independent of the other's.
package struct QuestionGradients: Codable, Hashable {
    package var question: String
    /// Those that say how well the model answers and what g is: every other one of all.
    package var rollouts: Int
    package var correct: Int

    /// <g, g>; nil unless two of these rollouts are correct.
    package var square: Double?

    /// The other rollouts: what methods learn from.
    package var others: [Other]

    /// <u, g>, u being the update of the variational data; nil without a square, and without an example of the question.
    package var variational: Double?

    /// Whether the variational data has an example of the question.
    package var isCandidate: Bool

    package struct Other: Codable, Hashable {
        package var correct: Bool
        /// <score, g>; nil where g is not measured.
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

    /// The other rollouts in groups of `size`, without those that fill none.
    package func groups(of size: Int) -> [ArraySlice<Other>] {
        (0..<others.count / size).map { others[$0 * size..<($0 + 1) * size] }
    }
}

/// The questions of a bin, and the norms of the sums of their updates by method. One line of a file in the work directory.
package struct BinGradients: Codable, Hashable {
    package var questions: [QuestionGradients]
    package var norms: [Double]

    package init(questions: [QuestionGradients], norms: [Double]) {
        self.questions = questions
        self.norms = norms
    }
}
