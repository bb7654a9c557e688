/// How questions are distributed over the four levels.
package struct LevelShares: Hashable, Sendable {
    /// The shares of levels 1 to 4, which sum to 1.
    package let values: [Double]

    /// The shares for training. Level 1 has too few questions for an equal share.
    package static let training = LevelShares(unchecked: [0.2, 0.4, 0.2, 0.2])

    /// The shares for tests: equal.
    package static let even = LevelShares(unchecked: [0.25, 0.25, 0.25, 0.25])

    package init(_ values: [Double]) throws(ReasoningError) {
        guard values.count == 4, values.allSatisfy({ $0 >= 0 }), abs(values.reduce(-1, +)) < 1e-6
        else { throw .invalidShares(values) }
        self.values = values
    }

    private init(unchecked values: [Double]) { self.values = values }

    /// The number of questions per level, of `total`. Shares are rounded down; the remaining questions go to
    /// the levels with the largest remainders, lower levels first among equals.
    package func counts(of total: Int) -> [Int] {
        let exact = values.map { $0 * Double(total) }
        var counts = exact.map { Int(($0 + 1e-9).rounded(.down)) }
        let order = exact.indices.sorted {
            let left = exact[$0] - Double(counts[$0])
            let right = exact[$1] - Double(counts[$1])
            return abs(left - right) > 1e-9 ? left > right : $0 < $1
        }
        let missing = total - counts.reduce(0, +)
        for index in order.prefix(max(missing, 0)) { counts[index] += 1 }
        return counts
    }
}
