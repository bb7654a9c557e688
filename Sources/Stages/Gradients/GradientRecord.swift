/// One line of `gradients.jsonl`: how much a method learns from the questions of a bin: its weight on g = grad log P(Y_x|x).
package struct GradientRecord: Codable, Hashable, Sendable {
    package var method: String
    /// Rollouts or traces a question.
    package var group_size: Int
    /// The questions' accuracy is above this.
    package var low: Double
    /// And at most this.
    package var high: Double
    package var questions: Int
    /// Those of them that the figures below are of: of the rollouts that decide on the bin two are correct, and for
    /// `dapo` one group at least has both kinds.
    package var measured: Int
    /// The mean accuracy, weighted by <g, g> as the weight is.
    package var accuracy: Double?
    /// <update, g> over <g, g>, each summed over questions.
    package var weight: Double?
    /// The weight's standard error over questions.
    package var weight_error: Double?
    /// The exact curve, averaged as the weight is; nil for the variational method, which has none.
    package var exact: Double?
    /// The share of the questions with an example of the variational data; nil for other methods.
    package var example_share: Double?
    /// The standard error of weight - exact; nil for `dapo`, whose curve has no estimate without bias.
    package var gap_error: Double?
    /// Of the sum of absolute loss weights over all bins.
    package var loss_share: Double?
    /// Of the norms of the bins' summed updates, of one group a question.
    package var gradient_share: Double?
}
