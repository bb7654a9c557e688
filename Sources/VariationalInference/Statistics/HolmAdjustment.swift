/// The p-values of several tests, adjusted by Holm's method (1979): if each hypothesis whose adjusted value is at most
/// 0.05 is rejected, the probability that any true one is among them is at most 5 %, however the tests depend on
/// each other. Adjusted values are in the order of `pValues`, never smaller, and at most 1.
public func holmAdjusted(_ pValues: [Double]) -> [Double] {
    precondition(pValues.allSatisfy { (0...1).contains($0) }, "a p-value is not in 0 to 1")
    var adjusted = pValues
    var largest = 0.0
    let ascending = pValues.indices.sorted { pValues[$0] < pValues[$1] }
    for (rank, index) in ascending.enumerated() {
        largest = max(largest, min(1, Double(pValues.count - rank) * pValues[index]))
        adjusted[index] = largest
    }
    return adjusted
}
