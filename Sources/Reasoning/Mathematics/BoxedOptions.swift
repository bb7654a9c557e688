/// Options for conventions on which graders differ.
package struct BoxedOptions: Hashable, Sendable {
    /// The relative tolerance of numbers with respect to the reference answer: 0.0001 accepts 3.1416 for pi. 0
    /// compares exactly.
    package var tolerance: Double

    /// Whether a list without brackets must be in the order of the reference answer.
    package var isOrdered: Bool

    /// Whether a percentage also equals its fraction: 50% is 0.5. It always equals 50.
    package var hasFractions: Bool

    /// Whether `1 < x < 2` is accepted for the interval (1,2). It may merely repeat the question.
    package var hasRelations: Bool

    package init(
        tolerance: Double = 0, isOrdered: Bool = false, hasFractions: Bool = true,
        hasRelations: Bool = true
    ) {
        self.tolerance = tolerance
        self.isOrdered = isOrdered
        self.hasFractions = hasFractions
        self.hasRelations = hasRelations
    }
}
