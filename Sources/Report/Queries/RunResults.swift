import Reasoning
import Store

/// The figures of a run.
package struct RunResults: Hashable, Sendable {
    /// In the order of the stages of the run, like the other figures.
    package let accuracy: [AccuracyFigure]

    /// Empty unless a stage compared arms over replicates.
    package let arms: [AccuracyFigure]
    package let replicates: [ReplicateFigure]

    /// What the compared arms cost.
    package let costs: [ArmCost]
    package let bounds: [BoundFigure]
    package let gradientMass: [GradientMass]
    package let claims: [StageClaim]

    /// The candidates of choices among models.
    package let candidates: [CandidateFigure]

    package init(
        accuracy: [AccuracyFigure] = [], arms: [AccuracyFigure] = [],
        replicates: [ReplicateFigure] = [], costs: [ArmCost] = [], bounds: [BoundFigure] = [],
        gradientMass: [GradientMass] = [], claims: [StageClaim] = [],
        candidates: [CandidateFigure] = []
    ) {
        self.accuracy = accuracy
        self.arms = arms
        self.replicates = replicates
        self.costs = costs
        self.bounds = bounds
        self.gradientMass = gradientMass
        self.claims = claims
        self.candidates = candidates
    }

    /// All figures of a run, read in one snapshot.
    package init(of run: RunID, in store: Store) throws {
        self = try store.snapshot { snapshot in
            let arms: [AccuracyFigure] = try snapshot.rows(.arms, of: run)
            return RunResults(
                accuracy: try snapshot.rows(.evaluations, of: run),
                arms: arms.contains { $0.replicates != nil } ? arms : [],
                replicates: try snapshot.rows(.replicates, of: run),
                costs: try snapshot.rows(.costs, of: run),
                bounds: try snapshot.rows(.bounds, of: run),
                gradientMass: try snapshot.rows(.gradientMass, of: run),
                claims: try snapshot.rows(.claims, of: run),
                candidates: try snapshot.rows(.candidates, of: run))
        }
    }
}
