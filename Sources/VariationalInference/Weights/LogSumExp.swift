import Foundation

/// The natural logarithm of the sum of `exp` over `values`, without overflow. It is minus infinity if there are
/// no values or all are minus infinity, and NaN if any value is NaN.
public func logSumExp(_ values: some Collection<Double>) -> Double {
    var largest = -Double.infinity
    for value in values {
        guard !value.isNaN else { return .nan }
        largest = max(largest, value)
    }
    guard largest.isFinite else { return largest }
    return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
}

/// The natural logarithm of the mean of `exp` over `values`; `nil` if there are no values.
public func logMeanExp(_ values: some Collection<Double>) -> Double? {
    values.isEmpty ? nil : logSumExp(values) - log(Double(values.count))
}

/// The softmax of `logits`, not all of which may be minus infinity.
func softmax(_ logits: [Double]) -> [Double] {
    // Dividing is more precise than subtracting the logarithm of the total if logits are large.
    let largest = logits.max() ?? 0
    let powers = logits.map { exp($0 - largest) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
}
