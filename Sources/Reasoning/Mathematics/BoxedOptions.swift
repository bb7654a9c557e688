/// What graders do not agree on in comparing boxes.
package struct BoxedOptions: Hashable, Sendable {
    /// How far two numbers may be apart, as a share of the reference answer's: 0.0001 accepts 3.1416 for pi. 0 compares
    /// exactly.
    package var tolerance: Double

    /// Whether a list without brackets must have the order of the reference answer's.
    package var isOrdered: Bool

    /// Whether a percentage is also the fraction that it stands for: 50% is 0.5. It is 50 in any case.
    package var hasFractions: Bool

    /// Whether `1 < x < 2` answers a question whose reference answer is the interval (1,2). It may be the question
    /// itself.
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
