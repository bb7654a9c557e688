/// How much a method learns from the questions in a bin of accuracy: its weight on grad log P(Y_x|x).
package struct GradientMass: Hashable, Sendable, Codable {
    /// The stages that measured it.
    package let name: String
    package let method: String
    package let groupSize: Int

    /// The questions' accuracy is above `low` and at most `high`.
    package let low: Double
    package let high: Double
    package let questions: Int

    /// Their mean accuracy.
    package let accuracy: Double?

    /// The measured weight and its standard error.
    package let weight: Double?
    package let weightError: Double?

    /// The mean of the exact curve; `nil` for a method without one.
    package let exact: Double?
    package let lossShare: Double?
    package let gradientShare: Double?

    /// The share of the questions with an example to learn from; `nil` for a method that learns from rollouts.
    package let exampleShare: Double?

    private enum CodingKeys: String, CodingKey {
        case name
        case method
        case groupSize = "group_size"
        case low
        case high
        case questions
        case accuracy
        case weight
        case weightError = "weight_error"
        case exact
        case lossShare = "loss_share"
        case gradientShare = "gradient_share"
        case exampleShare = "example_share"
    }

    package init(
        name: String, method: String, groupSize: Int, low: Double, high: Double, questions: Int,
        accuracy: Double?, weight: Double?, weightError: Double?, exact: Double?,
        lossShare: Double?, gradientShare: Double?, exampleShare: Double?
    ) {
        self.name = name
        self.method = method
        self.groupSize = groupSize
        self.low = low
        self.high = high
        self.questions = questions
        self.accuracy = accuracy
        self.weight = weight
        self.weightError = weightError
        self.exact = exact
        self.lossShare = lossShare
        self.gradientShare = gradientShare
        self.exampleShare = exampleShare
    }
}
