/// Comparisons over training runs with different seeds. Two runs of one method differ even on the same
/// questions, so an interval over questions alone describes one run and not the method.
extension Interval {
    /// The mean of `first - second` over seeds and questions, if all seeds answer the same questions. Seeds and
    /// questions are both random; each seed affects a row of the differences, and each question a column. The
    /// variance of the mean is
    ///
    ///     seed / S + question / Q + rest / (S Q),
    ///
    /// estimated from the mean squares of the two-way layout, with the Student quantile at Satterthwaite's
    /// degrees of freedom: close to S - 1 if seeds dominate, and close to Q - 1 if questions do. `nil` for
    /// fewer than two seeds or questions.
    ///
    /// It covers the true value in 93 to 98 of 100 simulated comparisons with 5 seeds and 400 or 2000
    /// questions, whichever part dominates, as long as seeds are about normal. If a seed may collapse, five seeds
    /// say little of the mean; see `median`. Use it for a claim about a method on questions of this kind. For a
    /// claim about exactly these questions, or if every seed has its own questions, use `mean` of the mean
    /// differences per seed. For a claim about two given models, use `pairedDifference` over questions.
    ///
    /// - Parameters:
    ///   - first: The values of the first method, such as accuracies over several answers: [seeds][questions].
    ///   - second: The values of the other method for the same seeds and questions: [seeds][questions].
    public static func pairedDifference(
        _ first: [[Double]], _ second: [[Double]]
    ) -> Interval? {
        guard let layout = TwoWayLayout(first, second) else { return nil }
        return Interval(
            value: layout.mean, standardError: layout.variance.squareRoot(),
            degreesOfFreedom: layout.degreesOfFreedom)
    }

    /// The slope of the least-squares line of `y` on `x`, with the Student interval for n - 2 degrees of
    /// freedom. The residuals must be independent and identically distributed. Points of one seed are not, so
    /// for several seeds use the `mean` of their slopes. `nil` for fewer than three points, and if all `x` are
    /// equal.
    public static func slope(x: [Double], y: [Double]) -> Interval? {
        precondition(x.count == y.count, "a slope needs one y for every x")
        guard x.count >= 3 else { return nil }
        let count = Double(x.count)
        let meanX = x.reduce(0, +) / count
        let meanY = y.reduce(0, +) / count
        let squares = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
        guard squares > 0 else { return nil }
        let slope = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / squares
        let residuals = zip(x, y).map { $1 - meanY - slope * ($0 - meanX) }
        let variance = residuals.reduce(0) { $0 + $1 * $1 } / (count - 2)
        return Interval(
            value: slope, standardError: (variance / squares).squareRoot(),
            degreesOfFreedom: count - 2)
    }
}
