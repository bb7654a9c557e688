/// The results of a run.
package struct RunResults: Hashable, Sendable {
    /// The accuracies; like the other figures, they are in the order of the stages of the run.
    package let accuracy: [AccuracyFigure]

    /// The arms; empty unless a stage compared arms over replicates.
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
