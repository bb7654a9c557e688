/// A candidate of choices among models, over all replicates of the choice.
package struct CandidateFigure: Hashable, Sendable, Codable {
    /// The label of its evaluations.
    package let label: String

    /// Such as `avg@4`.
    package let measure: String

    /// The mean accuracy, as a share of 1.
    package let value: Double

    /// How many choices had the candidate, and how many chose it.
    package let choices: Int
    package let chosen: Int

    package init(label: String, measure: String, value: Double, choices: Int, chosen: Int) {
        self.label = label
        self.measure = measure
        self.value = value
        self.choices = choices
        self.chosen = chosen
    }
}
