/// How much a method learns from the questions of a bin: its weight on g = grad log P(Y_x|x). One line of
/// `gradients.jsonl`.
package struct GradientRecord: Codable, Hashable, ArtifactRecord {
    package static let fileName = "gradients.jsonl"

    package var method: String
    /// The number of rollouts or traces per question.
    package var groupSize: Int
    /// The accuracy of the questions is above this value.
    package var low: Double
    /// The accuracy of the questions is at most this value.
    package var high: Double
    package var questions: Int
    /// The number of questions that the figures below cover: those with two correct rollouts in the half that
    /// determines the bin, and for `dapo` also at least one mixed group.
    package var measured: Int
    /// The mean accuracy, weighted by <g, g> as the weight is.
    package var accuracy: Double?
    /// <update, g> divided by <g, g>, each summed over questions.
    package var weight: Double?
    /// The standard error of the weight over questions.
    package var weightError: Double?
    /// The exact curve, averaged like the weight; `nil` for the variational method, which has none.
    package var exact: Double?
    /// The share of the questions with an example in the variational data; `nil` for other methods.
    package var exampleShare: Double?
    /// The standard error of weight - exact; `nil` for `dapo`, whose curve has no unbiased estimate.
    package var gapError: Double?
    /// The share of the sum of absolute loss weights over all bins.
    package var lossShare: Double?
    /// The share of the sum of the norms of the summed updates of all bins, with one group per question.
    package var gradientShare: Double?

    package init(
        method: String, groupSize: Int, low: Double, high: Double, questions: Int, measured: Int,
        accuracy: Double? = nil, weight: Double? = nil, weightError: Double? = nil,
        exact: Double? = nil, exampleShare: Double? = nil, gapError: Double? = nil,
        lossShare: Double? = nil, gradientShare: Double? = nil
    ) {
        self.method = method
        self.groupSize = groupSize
        self.low = low
        self.high = high
        self.questions = questions
        self.measured = measured
        self.accuracy = accuracy
        self.weight = weight
        self.weightError = weightError
        self.exact = exact
        self.exampleShare = exampleShare
        self.gapError = gapError
        self.lossShare = lossShare
        self.gradientShare = gradientShare
    }

    private enum CodingKeys: String, CodingKey {
        case method
        case groupSize = "group_size"
        case low, high, questions, measured, accuracy, weight
        case weightError = "weight_error"
        case exact
        case exampleShare = "example_share"
        case gapError = "gap_error"
        case lossShare = "loss_share"
        case gradientShare = "gradient_share"
    }
}
