/// The mean of a table of seeds (rows) by questions (columns), and its variance if both are random.
struct TwoWayLayout: Hashable {
    let mean: Double
    let seeds: Double
    let questions: Double

    /// The variances of the mean that the means of rows, those of columns and the residuals suggest. The residual is
    /// part of the other two.
    let ofSeeds: Double
    let ofQuestions: Double
    let rest: Double

    /// The layout that is expected for so many seeds and questions.
    init(_ parts: TwoWayVariance, seeds: Int, questions: Int) {
        mean = 0
        self.seeds = Double(seeds)
        self.questions = Double(questions)
        rest = parts.rest / (self.seeds * self.questions)
        ofSeeds = parts.seed / self.seeds + rest
        ofQuestions = parts.question / self.questions + rest
    }

    /// The layout of `first - second`, each as [seeds][questions]. `nil` for fewer than two seeds or questions.
    init?(_ first: [[Double]], _ second: [[Double]]) {
        precondition(
            first.map(\.count) == second.map(\.count)
                && first.allSatisfy { $0.count == first[0].count },
            "a difference in pairs needs the same seeds and the same questions")
        let rows = zip(first, second).map { zip($0, $1).map { $0 - $1 } }
        guard rows.count >= 2, let columns = rows.first?.count, columns >= 2 else { return nil }
        let (s, q) = (Double(rows.count), Double(columns))
        let rowMeans = rows.map { $0.reduce(0, +) / q }
        let columnMeans = (0..<columns).map { column in
            rows.reduce(0) { $0 + $1[column] } / s
        }
        let mean = rowMeans.reduce(0, +) / s
        var rest = 0.0
        for (row, rowMean) in zip(rows, rowMeans) {
            for (value, columnMean) in zip(row, columnMeans) {
                let residual = value - rowMean - columnMean + mean
                rest += residual * residual
            }
        }
        self.rest = rest / ((s - 1) * (q - 1) * s * q)
        ofSeeds = rowMeans.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (s - 1) / s
        ofQuestions = columnMeans.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (q - 1) / q
        self.mean = mean
        seeds = s
        questions = q
    }

    /// The variance of the mean. The residual is subtracted once, as it is part of both others. Neither can be
    /// smaller than the residual except by chance.
    var variance: Double { max(ofSeeds, rest) + max(ofQuestions, rest) - rest }

    /// Satterthwaite's approximation.
    var degreesOfFreedom: Double {
        let scale =
            ofSeeds * ofSeeds / (seeds - 1) + ofQuestions * ofQuestions / (questions - 1)
            + rest * rest / ((seeds - 1) * (questions - 1))
        return scale > 0 ? variance * variance / scale : seeds - 1
    }
}
