import Foundation
import VariationalInference

extension EnumeratedModel {
    /// Calls `body` with every tuple of `count` traces and its probability under `distribution`: the
    /// plain way, next to `groups`.
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

/// The sum over the outcomes of a distribution of probability times coefficient times score.
func expectedUpdate(_ probabilities: [Double], _ coefficients: [Double]) -> [Double] {
    var update = probabilities.map { _ in 0.0 }
    for (index, probability) in probabilities.enumerated() {
        update.add(score(index, probabilities), times: probability * coefficients[index])
    }
    return update
}

/// KL(first || second).
func divergence(_ first: [Double], _ second: [Double]) -> Double {
    zip(first, second).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
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
