/// What the gradients of one question come to: products of mean scores, a score being grad log pi of a rollout.
/// g = grad log P(Y_x|x) is the mean score of correct rollouts. The means of a product are over different rollouts, so
/// that the noise of one is independent of the other's.
package struct QuestionGradients: Codable, Hashable {
    package var question: String
    /// Those that say how well the model answers, every other one of all.
    package var rollouts: Int
    package var correct: Int

    /// <g, g>; nil unless two of these rollouts are correct, one is wrong, and there are others.
    package var square: Double?

    /// <s, g>, s being the mean score of the other rollouts, correct or not: near zero, as E[s] = 0; nil as above.
    package var rest: Double?

    /// <u, g>, u being the update of the variational data; nil as above, and without an example of the question.
    package var variational: Double?

    /// Whether the variational data has an example of the question.
    package var isCandidate: Bool

    package init(
        question: String, rollouts: Int, correct: Int, square: Double? = nil,
        rest: Double? = nil, variational: Double? = nil, isCandidate: Bool
    ) {
        self.question = question
        self.rollouts = rollouts
        self.correct = correct
        self.square = square
        self.rest = rest
        self.variational = variational
        self.isCandidate = isCandidate
    }

    package var accuracy: Double { Double(correct) / Double(rollouts) }
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
