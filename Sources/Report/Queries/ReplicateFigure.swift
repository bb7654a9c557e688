/// The accuracy of one replicate of an arm over all levels, as a share of 1.
package struct ReplicateFigure: Hashable, Sendable, Codable {
    /// The id of the stage that compared the arms.
    package let stage: String

    /// The label of the arm.
    package let label: String
    package let replicate: Int

    /// Such as `avg@4`.
    package let measure: String
    package let questions: Int
    package let value: Double?

    package init(
        stage: String, label: String, replicate: Int, measure: String, questions: Int,
        value: Double?
    ) {
        self.stage = stage
        self.label = label
        self.replicate = replicate
        self.measure = measure
        self.questions = questions
        self.value = value
    }
}
