import VariationalInference

/// A figure with its interval, and the description of both.
struct Estimate: Hashable {
    var interval: Interval
    var yardstick: String
    var questions: Int?
    var replicates: Int?

    /// Whether the interval is that of a single replicate.
    private(set) var isOfOne = false

    /// The parts of the variance of a difference over several replicates on the same questions; otherwise `nil`.
    private(set) var variance: TwoWayVariance?

    /// The estimate in another unit.
    func times(_ factor: Double) -> Estimate {
        var result = self
        result.interval = interval.multiplied(by: factor)
        result.variance = variance?.multiplied(by: factor)
        return result
    }

    /// The mean over replicates with the Student interval. For one replicate, or for identical replicates,
    /// which have no spread, it is the interval of the replicate over questions, described by `alone`. `nil`
    /// without replicates.
    init?(_ replicates: [(interval: Interval, questions: Int)], alone: String) {
        guard let first = replicates.first else { return nil }
        questions = replicates.map(\.questions).max()
        self.replicates = replicates.count
        if let mean = Interval.mean(replicates.map(\.interval.value)), mean.hasWidth {
            interval = mean
            yardstick = Methodology.replicates(replicates.count)
        } else {
            interval = first.interval
            yardstick = Methodology.alone(alone, questions: first.questions)
            isOfOne = true
        }
    }

    /// The mean of `first - second` over the replicates and questions of both. `nil` for fewer than two
    /// questions. Throws if they do not have the same replicates and the same questions in each.
    init?(_ first: Measurements, minus second: Measurements) throws {
        try first.check(pairsWith: second)
        replicates = first.replicates.count
        questions = first.replicates.map(\.questions.count).max()
        let count = questions ?? 0
        let isShared = first.replicates.allSatisfy {
            $0.questions == first.replicates[0].questions
        }
        if first.replicates.count == 1 {
            let (a, b) = (first.replicates[0].values, second.replicates[0].values)
            guard let difference = Interval.pairedDifference(a, b) else { return nil }
            interval = first.widened(difference, minus: second, trials: count)
            yardstick = Methodology.alone(Methodology.paired, questions: count)
        } else if isShared {
            let (a, b) = (first.replicates.map(\.values), second.replicates.map(\.values))
            guard let difference = Interval.pairedDifference(a, b) else { return nil }
            variance = TwoWayVariance(a, b)
            interval = first.widened(
                difference, minus: second, trials: min(first.replicates.count, count))
            yardstick = Methodology.twoWay(replicates: first.replicates.count, questions: count)
        } else {
            let means = first.meanDifferences(second)
            guard let difference = Interval.mean(means) else { return nil }
            interval = first.widened(difference, minus: second, trials: means.count)
            yardstick = Methodology.ownQuestions(replicates: first.replicates.count)
        }
    }

    /// The median over at least five replicates of the mean of `first - second`, whose pairing must have been checked.
    /// `nil` for fewer.
    init?(medianOf first: Measurements, minus second: Measurements) {
        guard first.replicates.count >= 5,
            let median = Interval.median(first.meanDifferences(second))
        else { return nil }
        interval = median.interval
        yardstick = Methodology.median(
            replicates: first.replicates.count, confidence: median.confidence)
        questions = first.replicates.map(\.questions.count).max()
        replicates = first.replicates.count
    }
}

/// A value for every question of every replicate.
struct Measurements: Hashable {
    struct Replicate: Hashable {
        /// The number; `nil` if there is only one replicate.
        var number: Int?
        /// The questions in ascending order.
        var questions: [String]
        /// The values in the same order.
        var values: [Double]

        init(_ number: Int?, _ values: [String: Double]) {
            self.number = number
            questions = values.keys.sorted()
            self.values = questions.map { values[$0] ?? 0 }
        }
    }

    /// The name of the measured quantity, for messages.
    let name: String

    /// Sorted by number, without replicates that have no questions.
    let replicates: [Replicate]

    /// The range of all values; `nil` if they are unbounded.
    let range: ClosedRange<Double>?

    init(_ name: String, within range: ClosedRange<Double>? = nil, _ replicates: [Replicate]) {
        self.name = name
        self.range = range
        self.replicates = replicates.filter { !$0.questions.isEmpty }
            .sorted { ($0.number ?? -1) < ($1.number ?? -1) }
    }

    /// The interval of a difference of means; if the values are bounded and do not vary, the exact interval.
    fileprivate func widened(
        _ difference: Interval, minus other: Measurements, trials: Int
    ) -> Interval {
        guard !difference.hasWidth, let range, let others = other.range else { return difference }
        let (low, high) = (
            range.lowerBound - others.upperBound, range.upperBound - others.lowerBound
        )
        return .constant(
            min(max(difference.value, low), high), trials: trials, within: low...high)
    }

    /// The mean difference from `other` in each replicate.
    fileprivate func meanDifferences(_ other: Measurements) -> [Double] {
        zip(replicates, other.replicates).map { a, b in
            zip(a.values, b.values).reduce(0) { $0 + $1.0 - $1.1 } / Double(a.values.count)
        }
    }

    func check(pairsWith other: Measurements) throws {
        guard replicates.map(\.number) == other.replicates.map(\.number) else {
            throw StudyError.otherReplicates(
                name, replicates.map { $0.number.map(String.init) ?? "none" }, other.name,
                other.replicates.map { $0.number.map(String.init) ?? "none" })
        }
        for (own, others) in zip(replicates, other.replicates)
        where own.questions != others.questions {
            let odd = Set(own.questions).symmetricDifference(others.questions).sorted()
            throw StudyError.otherQuestions(
                name, other.name, example: odd[0], replicate: own.number)
        }
    }
}
