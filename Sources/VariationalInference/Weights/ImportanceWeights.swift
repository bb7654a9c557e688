import Foundation

/// The self-normalised weights rho_k / sum_j rho_j of the traces of a question (Eq. 6), optionally tempered and
/// clipped. They sum to 1. `nil` if there are no traces or every rho is zero; report such questions, because
/// nothing can be learned from them. log rho must be neither NaN nor plus infinity.
///
/// - Parameters:
///   - temperature: Divides log rho before the normalisation. Values above 1 make the weights more even, values
///     below 1 less. Any value except 1 makes the gradient biased.
///   - largest: The maximum weight. The excess is distributed over the other non-zero weights in proportion,
///     until none exceeds it; zero weights stay zero. If there are too few non-zero weights to sum to 1 under this
///     limit, all of them are equal and exceed it.
public func normalizedWeights(
    _ logRho: [Double], temperature: Double = 1, largest: Double = 1
) -> [Double]? {
    requireWeights(logRho)
    precondition(temperature > 0 && temperature < .infinity, "a temperature must be positive")
    precondition(largest > 0, "the largest weight must be positive")
    guard let peak = logRho.max(), peak > -.infinity else { return nil }
    let logWeights = logRho.map { ($0 - peak) / temperature }
    let weights = softmax(logWeights)
    guard weights.contains(where: { $0 > largest }) else { return weights }
    return clipped(logWeights, largest)
}

/// The weights of `logWeights` with none above `largest`, as `normalizedWeights` defines them.
private func clipped(_ logWeights: [Double], _ largest: Double) -> [Double] {
    var weights = logWeights.map { _ in 0.0 }
    var rest = logWeights.indices.filter { logWeights[$0] > -.infinity }
        .sorted { (logWeights[$1], $0) < (logWeights[$0], $1) }[...]
    guard largest * Double(rest.count) > 1 else {
        for index in rest { weights[index] = 1 / Double(rest.count) }
        return weights
    }
    // Clip from the largest weight on: if the next one fits, so do all after it. Each round normalises again,
    // so that small weights keep their proportions.
    var total = 1.0
    while let first = rest.first {
        let shares = softmax(rest.map { logWeights[$0] })
        guard total * shares[0] > largest else {
            for (index, share) in zip(rest, shares) { weights[index] = total * share }
            break
        }
        weights[first] = largest
        total -= largest
        rest = rest.dropFirst()
    }
    return weights
}

/// The indices of the traces with the largest rho; several if they are equal, none if every rho is zero.
public func bestTraces(_ logRho: [Double]) -> [Int] {
    requireWeights(logRho)
    guard let largest = logRho.max(), largest > -.infinity else { return [] }
    return logRho.indices.filter { logRho[$0] == largest }
}

/// The number of equally weighted traces that the weights are worth: (sum rho)^2 / sum rho^2, from 1 to the
/// number of traces; `nil` if every rho is zero.
public func effectiveSampleSize(_ logRho: [Double]) -> Double? {
    normalizedWeights(logRho).flatMap(effectiveSampleSize(weights:))
}

/// The number of equally weighted traces that these weights are worth: (sum w)^2 / sum w^2, whatever their sum;
/// `nil` if no weight is positive.
public func effectiveSampleSize(weights: [Double]) -> Double? {
    precondition(
        weights.allSatisfy { $0 >= 0 && $0 < .infinity }, "a weight is negative or not finite")
    guard let largest = weights.max(), largest > 0 else { return nil }
    let total = weights.reduce(0) { $0 + $1 / largest }
    return total * total / weights.reduce(0) { $0 + $1 / largest * ($1 / largest) }
}

private func requireWeights(_ logRho: [Double]) {
    precondition(
        logRho.allSatisfy { !$0.isNaN && $0 < .infinity },
        "a log importance weight is NaN or plus infinity")
}
