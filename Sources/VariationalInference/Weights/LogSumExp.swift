import Foundation

/// The natural logarithm of the sum of `exp` over `values`, without overflow. It is minus infinity
/// for no values and for values that are all minus infinity, and NaN if any value is NaN.
public func logSumExp(_ values: some Collection<Double>) -> Double {
    var largest = -Double.infinity
    for value in values {
        guard !value.isNaN else { return .nan }
        largest = max(largest, value)
    }
    guard largest.isFinite else { return largest }
    return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
}

/// The natural logarithm of the mean of `exp` over `values`; `nil` for no values.
public func logMeanExp(_ values: some Collection<Double>) -> Double? {
    values.isEmpty ? nil : logSumExp(values) - log(Double(values.count))
}

/// The probabilities that `logits`, not all of them minus infinity, stand for.
func softmax(_ logits: [Double]) -> [Double] {
    // Dividing keeps the digits that a logarithm of the total would lose when logits are large.
    let largest = logits.max() ?? 0
    let powers = logits.map { exp($0 - largest) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
}
