/// The parts of the variance of a difference that is measured for several seeds and questions: what a seed adds to
/// all its questions, what a question adds under all seeds, and the rest, which also has the sampling of answers.
/// Their use is planning: how many seeds and questions find a difference of a given size?
public struct TwoWayVariance: Hashable, Sendable {
    /// The variance between seeds, in the square of the unit of the difference.
    public let seed: Double

    /// The variance between questions.
    public let question: Double

    /// The variance of a single value about what its seed and its question add.
    public let rest: Double

    /// Parts that are known, such as those of an earlier study.
    public init(seed: Double, question: Double, rest: Double) {
        precondition(seed >= 0 && question >= 0 && rest >= 0, "a variance is negative")
        self.seed = seed
        self.question = question
        self.rest = rest
    }

    /// The parts of `first - second`, each as [seeds][questions], estimated from the mean squares; a negative
    /// estimate counts as 0. `nil` for fewer than two seeds or questions.
    public init?(_ first: [[Double]], _ second: [[Double]]) {
        guard let layout = TwoWayLayout(first, second) else { return nil }
        self.init(
            seed: max(0, layout.ofSeeds - layout.rest) * layout.seeds,
            question: max(0, layout.ofQuestions - layout.rest) * layout.questions,
            rest: layout.rest * layout.seeds * layout.questions)
    }

    /// The parts in another unit.
    public func multiplied(by factor: Double) -> TwoWayVariance {
        let square = factor * factor
        return TwoWayVariance(seed: seed * square, question: question * square, rest: rest * square)
    }

    /// The smallest true difference that the 95 % interval of `Interval.pairedDifference` excludes 0 for with 80 %
    /// probability, if it is measured for so many seeds and questions, both at least 2.
    public func detectableDifference(seeds: Int, questions: Int) -> Double {
        precondition(seeds >= 2 && questions >= 2, "a plan needs two seeds and two questions")
        let layout = TwoWayLayout(self, seeds: seeds, questions: questions)
        return Interval.Spread(
            standardError: layout.variance.squareRoot(), degreesOfFreedom: layout.degreesOfFreedom
        ).detectableDifference
    }
}
