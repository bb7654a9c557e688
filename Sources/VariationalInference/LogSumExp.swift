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
