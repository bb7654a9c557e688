import Reasoning

/// The examples of a data set in groups, of which a step takes whole ones. What a step takes of a group is a function of
/// seed, epoch and group, so no state is saved.
package struct ExampleGroups {
    /// What a batch is counted in.
    package enum Unit: String, CaseIterable {
        /// Each example is a group.
        case example
        /// The examples of a question from one source are a group. All are learnt in one step.
        case question
        /// The same groups. Each epoch, one example of a group is drawn in proportion to its weight, and learnt with
        /// the weight of the group: an unbiased estimate of the gradient of `question`.
        case draw
    }

    /// The indices, from 0, of the examples of each group, in the order of the first ones.
    package let members: [[Int]]

    /// The factor of the loss of each example in a step that takes it.
    package let factors: [Double]

    private let weights: [Double]
    private let unit: Unit
    private let seed: Int

    private struct Key: Hashable {
        let question: String
        let source: Example.Source
    }

    /// Throws if nothing can be drawn of a group: if a weight is below 0, or none is above it.
    package init(_ examples: [Example], unit: Unit, seed: Int) throws {
        self.unit = unit
        self.seed = seed
        let weights = examples.map(\.weight)
        self.weights = weights
        guard unit != .example else {
            members = examples.indices.map { [$0] }
            factors = weights
            return
        }
        let groups = Dictionary(grouping: examples.indices) {
            Key(question: examples[$0].question, source: examples[$0].source)
        }
        members = groups.values.sorted { $0[0] < $1[0] }
        guard unit == .draw else {
            factors = weights
            return
        }
        var factors = weights
        for group in members {
            let total = group.reduce(0) { $0 + weights[$1] }
            guard total > 0, group.allSatisfy({ weights[$0] >= 0 }) else {
                throw TrainingError.undrawable(question: examples[group[0]].question)
            }
            for index in group { factors[index] = total }
        }
        self.factors = factors
    }

    /// The indices of the examples that a step of an epoch takes of a group.
    package func examples(of group: Int, epoch: Int) -> [Int] {
        let members = members[group]
        guard unit == .draw, members.count > 1 else { return members }
        var random = RandomSource(seed: seed, "draw", .number(epoch), .number(group))
        let drawn = Self.draw(at: random.unit(), from: members.map { weights[$0] })
        return [members[drawn]]
    }

    /// The place in `weights`, whose sum is positive, where their cumulative share exceeds `point`, which is in [0, 1).
    package static func draw(at point: Double, from weights: [Double]) -> Int {
        let target = point * weights.reduce(0, +)
        var sum = 0.0
        var last = 0
        for (place, weight) in weights.enumerated() where weight > 0 {
            sum += weight
            if sum > target { return place }
            // Rounding may make the target as large as the sum.
            last = place
        }
        return last
    }

    /// The mean over groups of the expected number of tokens of an example drawn from the group; `tokens` are those of
    /// all examples. It is the same for `question` and `draw`. If a group cannot be drawn from, its plain mean counts.
    package func meanTokens(_ tokens: [Int]) -> Double {
        let means = members.map { group in
            // Relative to the first example, so that a group of one has exactly its tokens.
            let first = tokens[group[0]]
            let total = group.reduce(0) { $0 + weights[$1] }
            let isWeighted = total > 0 && group.allSatisfy { weights[$0] >= 0 }
            let rest = group.dropFirst().reduce(0.0) {
                $0 + (isWeighted ? weights[$1] : 1) * Double(tokens[$1] - first)
            }
            return Double(first) + rest / (isWeighted ? total : Double(group.count))
        }
        return means.reduce(0, +) / Double(means.count)
    }
}
