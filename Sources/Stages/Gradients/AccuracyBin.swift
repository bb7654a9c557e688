/// Questions that a model answers about equally well: with an accuracy above `low` and at most `high`.
package struct AccuracyBin: Hashable {
    package let low: Double
    package let high: Double

    /// No correct rollout, then up to 1/8, 1/4, 1/2, 3/4 and 1.
    package static let all: [AccuracyBin] = {
        let edges = [0, 0.125, 0.25, 0.5, 0.75, 1]
        return zip([0] + edges, edges).map { AccuracyBin(low: $0, high: $1) }
    }()

    package static func of(_ accuracy: Double) -> AccuracyBin {
        all.first { accuracy <= $0.high } ?? all[all.count - 1]
    }
}
