import VariationalInference

/// Turns the gradients of questions into figures by method and accuracy. A pure function.
///
/// A question's rollouts stand for the model: groups are drawn from them with replacement, so that the question's accuracy
/// p is its share of correct rollouts, and every expectation over groups is a sum: a g + b w, w being the mean score of
/// wrong rollouts. A method's weight on g = grad log P(Y_x|x) in a bin is then
///
///     sum_x <a_x g_x + b_x w_x, g_x> / sum_x <g_x, g_x>
///
/// over its questions, a ratio of sums because a single question's <g, g> may be near zero by chance; the exact curve is
/// averaged in the same way. As p g + (1 - p) w is the mean score s of all rollouts, w is had from s, and s from rollouts
/// that p and the bin do not depend on: those with more correct rollouts by chance than they should have would else be
/// taken for a gap between the two.
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
                row.loss_share = Self.share(losses[place], of: losses)
                row.gradient_share = Self.share(norms[place], of: norms)
                return row
            }
        }
    }

    private static func share(_ part: Double, of parts: [Double]) -> Double? {
        let total = parts.reduce(0, +)
        return total > 0 ? part / total : nil
    }

    /// The sum of the absolute factors of all rollouts or traces.
    private func loss(of questions: [QuestionGradients], _ method: UpdateMethod) -> Double {
        questions.reduce(0) { sum, question in
            switch method {
            case .rollouts(let weight, let group):
                let factors = weight.factors(question.accuracy, group: group)
                return sum + abs(factors.correct) + abs(factors.wrong)
            case .variational: return sum + (question.isCandidate ? 1 : 0)
            }
        }
    }

    private func row(
        of bin: AccuracyBin, _ questions: [QuestionGradients], _ method: UpdateMethod
    ) -> GradientRecord {
        let measured = questions.compactMap { Measured($0, method) }
        var row = GradientRecord(
            method: method.name, group_size: method.group, low: bin.low, high: bin.high,
            questions: questions.count, measured: measured.count)
        if bin.high == 0 { row.accuracy = 0 }
        switch method {
        // Without a correct rollout there is no g, and nothing that a reward could point to.
        case .rollouts: if bin.high == 0 { row.weight = 0 }
        case .variational:
            row.exact =
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
        row.weight_error = error { $0.update - weight * $0.square }
        if case .rollouts = method {
            row.exact = mean { $0.exact * $0.square }
            row.gap_error = error { $0.update - $0.exact * $0.square }
        }
        return row
    }
}

/// What a question with a measured g says of a method.
private struct Measured {
    let accuracy: Double
    let square: Double

    /// <update, g>
    let update: Double

    /// The weight that the exact curve gives.
    let exact: Double

    init?(_ question: QuestionGradients, _ method: UpdateMethod) {
        guard let square = question.square, let rest = question.rest else { return nil }
        accuracy = question.accuracy
        self.square = square
        switch method {
        case .rollouts(let weight, let group):
            let factors = weight.factors(accuracy, group: group)
            let wrong = (rest - accuracy * square) / (1 - accuracy)
            update = factors.correct * square + factors.wrong * wrong
            exact = weight.value(accuracy, group: group)
        case .variational:
            update = question.variational ?? 0
            exact = question.isCandidate ? 1 : 0
        }
    }
}
