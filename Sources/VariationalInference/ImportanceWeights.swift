import Foundation

/// The self-normalised weights rho_k / sum_j rho_j of one question's traces (Eq. 6). They sum to 1;
/// `nil` if there is no trace or every rho is zero: such a question has nothing to learn from and
/// must be counted, not hidden. No log rho may be NaN or plus infinity.
public func normalizedWeights(_ logRho: [Double]) -> [Double]? {
    requireWeights(logRho)
    // Dividing keeps the digits that a logarithm of the total would lose when log rho is large.
    guard let largest = logRho.max(), largest > -.infinity else { return nil }
    let powers = logRho.map { exp($0 - largest) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
}

/// The weights of many questions, with the ones that have nothing to learn from counted.
public struct QuestionWeights: Hashable, Sendable {
    /// Per question, per trace; all zero where every rho is zero.
    public let weights: [[Double]]

    /// The questions with no weight above zero. With a share p of them, the expected total weight
    /// of a question is 1 - p, not 1.
    public let withoutCandidate: Int

    /// Normalises log rho within every question.
    public init(logRho: [[Double]]) {
        let normalized = logRho.map(normalizedWeights)
        weights = zip(logRho, normalized).map { $1 ?? Array(repeating: 0, count: $0.count) }
        withoutCandidate = normalized.count(where: { $0 == nil })
    }
}

/// The trace with the largest rho, the lowest index among equals; `nil` if every rho is zero.
public func selectedTrace(_ logRho: [Double]) -> Int? {
    requireWeights(logRho)
    var best: Int?
    for (index, value) in logRho.enumerated() where value > (best.map { logRho[$0] } ?? -.infinity)
    {
        best = index
    }
    return best
}

/// How many equally weighted traces the weights are worth: (sum rho)^2 / sum rho^2, from 1 to the
/// number of traces; `nil` if every rho is zero.
public func effectiveSampleSize(_ logRho: [Double]) -> Double? {
    guard let weights = normalizedWeights(logRho) else { return nil }
    return 1 / weights.reduce(0) { $0 + $1 * $1 }
}

private func requireWeights(_ logRho: [Double]) {
    precondition(
        logRho.allSatisfy { !$0.isNaN && $0 < .infinity },
        "a log importance weight is NaN or plus infinity")
}
