import Foundation

/// One question with few traces and answers, so that every expectation is a sum: pi(z) is the
/// softmax of `traces`, pi(y|z) that of `answers[z]`, q(z) that of `proposal`; the first `correct`
/// answers are Y_x.
struct DiscreteModel {
    var traces: [Double]
    var answers: [[Double]]
    var proposal: [Double]
    let correct = 2

    /// Logits from a fixed, roughly normal sequence.
    init(seed: UInt64, traces count: Int = 5, answers answerCount: Int = 6) {
        var state = seed
        func normal() -> Double {
            (0..<12).reduce(-6.0) { sum, _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return sum + Double(state >> 11) * 0x1p-53
            }
        }
        traces = (0..<count).map { _ in normal() }
        answers = (0..<count).map { _ in (0..<answerCount).map { _ in 1.5 * normal() } }
        proposal = (0..<count).map { _ in normal() }
    }

    var prior: [Double] { softmax(traces) }
    var q: [Double] { softmax(proposal) }

    /// pi(Y_x|z) of every trace.
    var accuracies: [Double] { answers.map { softmax($0).prefix(correct).reduce(0, +) } }

    /// P(Y_x).
    var probability: Double { zip(prior, accuracies).reduce(0) { $0 + $1.0 * $1.1 } }

    /// P(z|Y_x)
    var posterior: [Double] { zip(prior, accuracies).map { $0 * $1 / probability } }

    var logRho: [Double] {
        traces.indices.map { log(prior[$0]) + log(accuracies[$0]) - log(q[$0]) }
    }

    /// Calls `body` with every tuple of `count` traces and its probability under `distribution`.
    func forEachTuple(
        of count: Int, under distribution: [Double], _ body: ([Int], Double) -> Void
    ) {
        var tuple = [Int](repeating: 0, count: count)
        let size = distribution.count
        let total = (0..<count).reduce(1) { product, _ in product * size }
        for code in 0..<total {
            var rest = code
            for place in tuple.indices {
                tuple[place] = rest % size
                rest /= size
            }
            body(tuple, tuple.reduce(1) { $0 * distribution[$1] })
        }
    }
}

func softmax(_ logits: [Double]) -> [Double] {
    let largest = logits.max() ?? 0
    let powers = logits.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
}

/// d log softmax(logits)[index] / d logits.
func score(_ index: Int, _ probabilities: [Double]) -> [Double] {
    probabilities.enumerated().map { ($0.offset == index ? 1 : 0) - $0.element }
}

/// Central differences of `function` at `point`.
func numericalGradient(at point: [Double], _ function: ([Double]) -> Double) -> [Double] {
    point.indices.map { index in
        var up = point
        var down = point
        up[index] += 1e-6
        down[index] -= 1e-6
        return (function(up) - function(down)) / 2e-6
    }
}

extension [Double] {
    /// The largest difference between two vectors.
    func distance(to other: [Double]) -> Double {
        zip(self, other).map { abs($0 - $1) }.max() ?? 0
    }

    var norm: Double { reduce(0) { $0 + $1 * $1 }.squareRoot() }

    mutating func add(_ other: [Double], times factor: Double) {
        for index in indices { self[index] += factor * other[index] }
    }
}
