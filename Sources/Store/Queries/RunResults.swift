/// The figures that a run came to.
package struct RunResults: Hashable, Sendable {
    /// In the order of the run's stages, as the other figures are.
    package let accuracy: [AccuracyFigure]

    /// Empty unless a stage compared arms over replicates.
    package let arms: [ArmFigure]
    package let bounds: [BoundFigure]
    package let gradientMass: [GradientMass]
    package let claims: [ClaimFigure]

    package init(
        accuracy: [AccuracyFigure] = [], arms: [ArmFigure] = [], bounds: [BoundFigure] = [],
        gradientMass: [GradientMass] = [], claims: [ClaimFigure] = []
    ) {
        self.accuracy = accuracy
        self.arms = arms
        self.bounds = bounds
        self.gradientMass = gradientMass
        self.claims = claims
    }
}
