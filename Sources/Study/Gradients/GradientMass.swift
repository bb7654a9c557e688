import Reasoning
import VariationalInference

/// Computes figures by method and accuracy from the gradients of questions. A pure function.
///
/// One half of the rollouts of a question determines its accuracy, and thus its bin, and g = grad log P(Y_x|x).
/// Methods learn from the other half, in groups as in training. The weight of a method on g in a bin is
///
///     sum_x <u_x, g_x> / sum_x <g_x, g_x>
///
/// over its questions, where u is the mean update of the groups of a question. It is a ratio of sums because
/// <g, g> of a single question may be near zero by chance. The exact curve is averaged in the same way, at the
/// accuracy of the other half, without bias. The two agree up to noise if training gives each rollout the
/// factor from which the curve is derived, and scores have mean zero.
package struct GradientMass {
    package let methods: [UpdateMethod]

    package init(methods: [UpdateMethod]) { self.methods = methods }

    /// One row for every method and bin that has questions. Norms are in the order of `methods`.
    package func rows(_ bins: [(bin: AccuracyBin, gradients: BinGradients)]) -> [GradientRecord] {
        methods.enumerated().flatMap { index, method in
            let losses = bins.map { loss(of: $0.gradients.questions, method) }
            let norms = bins.map { $0.gradients.norms[index] }
            return bins.enumerated().map { place, bin in
                var row = row(of: bin.bin, bin.gradients.questions, method)
                row.lossShare = Self.share(losses[place], of: losses)
                row.gradientShare = Self.share(norms[place], of: norms)
                return row
            }
        }
    }

    private static func share(_ part: Double, of parts: [Double]) -> Double? {
        let total = parts.reduce(0, +)
        return total > 0 ? part / total : nil
    }

    /// The sum of the absolute factors of all rollouts (the mean over groups), or of all traces.
    private func loss(of questions: [QuestionGradients], _ method: UpdateMethod) -> Double {
        questions.reduce(0) { sum, question in
            switch method {
            case .rollouts(let weight, let size):
                let groups = question.groups(of: size)
                    .compactMap { weight.factors($0.map(\.correct)) }
                let total = groups.joined().reduce(0) { $0 + abs($1) }
                return sum + total / Double(size * max(1, groups.count))
            case .variational: return sum + (question.isCandidate ? 1 : 0)
            }
        }
    }

    private func row(
        of bin: AccuracyBin, _ questions: [QuestionGradients], _ method: UpdateMethod
    ) -> GradientRecord {
        let measured = questions.compactMap { Measured($0, method) }
        var row = GradientRecord(
            method: method.name, groupSize: method.group, low: bin.low, high: bin.high,
            questions: questions.count, measured: measured.count)
        if case .variational = method {
            row.exampleShare =
                Double(questions.count(where: \.isCandidate)) / Double(questions.count)
        }
        let square = measured.reduce(0) { $0 + $1.square } / Double(max(1, measured.count))
        guard square > 0 else { return row }
        func mean(_ value: (Measured) -> Double) -> Double {
            measured.reduce(0) { $0 + value($1) } / Double(measured.count) / square
        }
        func error(_ value: (Measured) -> Double) -> Double? {
            Interval.standardError(measured.map(value)).map { $0 / square }
        }
        let weight = mean(\.update)
        row.weight = weight
        row.accuracy = mean { $0.accuracy * $0.square }
        row.weightError = error { $0.update - weight * $0.square }
        if case .rollouts(let rule, _) = method {
            row.exact = mean { $0.exact * $0.square }
            // The curve of resampled groups is a ratio, for which there is no unbiased estimate.
            if rule != .dapo { row.gapError = error { $0.update - $0.exact * $0.square } }
        }
        return row
    }
}

/// The values of a question with a measured g, for one method.
private struct Measured {
    /// The accuracy of the rollouts that methods learn from.
    let accuracy: Double
    let square: Double

    /// <update, g>.
    let update: Double

    /// The weight according to the exact curve.
    let exact: Double

    init?(_ question: QuestionGradients, _ method: UpdateMethod) {
        guard let square = question.square, !question.others.isEmpty else { return nil }
        let correct = question.others.count(where: \.correct)
        accuracy = Double(correct) / Double(question.others.count)
        self.square = square
        switch method {
        case .rollouts(let weight, let size):
            let updates = question.groups(of: size).compactMap { group in
                weight.factors(group.map(\.correct)).map { factors in
                    zip(factors, group).reduce(0) { $0 + $1.0 * ($1.1.product ?? 0) }
                        / Double(size)
                }
            }
            guard !updates.isEmpty else { return nil }
            update = updates.reduce(0, +) / Double(updates.count)
            exact =
                weight.estimate(correct: correct, of: question.others.count, group: size)
                ?? weight.value(accuracy, group: size)
        case .variational:
            update = question.variational ?? 0
            exact = 0
        }
    }
}

/// A bin of questions that a model answers about equally well: with an accuracy above `low` and at most `high`.
package struct AccuracyBin: Hashable {
    package let low: Double
    package let high: Double

    /// The bins: no correct rollout, then up to 1/8, 1/4, 1/2, 3/4 and 1.
    package static let all: [AccuracyBin] = {
        let edges = [0, 0.125, 0.25, 0.5, 0.75, 1]
        return zip([0] + edges, edges).map { AccuracyBin(low: $0, high: $1) }
    }()

    package static func of(_ accuracy: Double) -> AccuracyBin {
        all.first { accuracy <= $0.high } ?? all[all.count - 1]
    }
}

/// A method of learning from a question, with its number of rollouts or traces.
package enum UpdateMethod: Hashable {
    /// Learns from groups of the model's own rollouts.
    case rollouts(QuestionWeight, group: Int)

    /// Learns from weighted traces of a posterior.
    case variational(traces: Int)

    package var name: String {
        switch self {
        case .rollouts(let weight, _): weight.rawValue
        case .variational: "variational"
        }
    }

    package var group: Int {
        switch self {
        case .rollouts(_, let group): group
        case .variational(let traces): traces
        }
    }
}
