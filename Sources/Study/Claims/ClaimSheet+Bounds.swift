import Foundation
import Reasoning
import VariationalInference

extension ClaimSheet {
    /// The minimum of the log of a bound or of a probability. It would be minus infinity if no trace is
    /// followed by a correct answer.
    private static let floor = -60.0

    /// T1 on trained models, from exact weights of traces of a posterior and of the prior for the same
    /// questions, for every replicate. Each K uses its own traces; on the same traces, the bound would grow by
    /// construction.
    mutating func addBounds(_ bounds: [[Weight]], evidence: [[Weight]]) throws {
        guard let drawn = Self.whole(bounds) else {
            return leaveOut(.t1, "on trained models", needs: ClaimText.wholeDraws("bounds"))
        }
        let count = drawn.joined().map(\.value.count).min() ?? 0
        let sizes = (0..<20).map { 1 << $0 }.filter { 2 * $0 - 1 <= count }
        let measured = sizes.map { k in
            Measurements(
                "L^\(k)",
                drawn.enumerated().map { number, questions in
                    .init(
                        number,
                        questions.compactMapValues { traces in
                            MultiTraceBound.value(
                                logRho: traces[k - 1..<2 * k - 1].map {
                                    max(Self.floor, $0.logRho ?? Self.floor)
                                })
                        })
                })
        }
        let steps = try zip(measured, measured.dropFirst()).map { less, more in
            try Estimate(more, minus: less)
        }
        guard !steps.isEmpty, let last = sizes.last, let largest = measured.last else {
            return leaveOut(.t1, "on trained models", needs: ClaimText.threeTraces)
        }
        for (step, (from, to)) in zip(steps, zip(sizes, sizes.dropFirst())) {
            guard let step else { continue }
            add(.t1, .trainedBoundGrows(from: from, to: to), step, unit: "nats", .above(0))
        }
        guard let own = Self.whole(evidence), own.count == drawn.count else {
            return leaveOut(
                .t1, "on the evidence of trained models", needs: ClaimText.wholeDraws("evidence"))
        }
        let whole = Measurements(
            "log P(Y_x|x)",
            zip(drawn, own).enumerated().map { number, traces in
                let (posterior, prior) = traces
                return .init(
                    number,
                    Dictionary(
                        uniqueKeysWithValues: prior.map {
                            ($0.key, Self.logEvidence($0.value, posterior[$0.key] ?? []))
                        }))
            })
        guard let gap = try Estimate(whole, minus: largest) else {
            return leaveOut(
                .t1, "on the evidence of trained models", needs: ClaimText.twoQuestions(nil))
        }
        add(.t1, .trainedBoundIsBelow(last), gap, unit: "nats", .above(0))
    }

    /// Estimates log P(Y_x|x) of a question from traces of prior and posterior, weighted as samples of their
    /// mixture (the balance heuristic, Veach and Guibas 1995). No weight exceeds that of the traces of the
    /// prior alone, so the bias of the logarithm is small.
    private static func logEvidence(_ prior: [Weight], _ posterior: [Weight]) -> Double {
        let sum = (prior + posterior).reduce(0.0) { sum, trace in
            guard let likelihood = trace.logLikelihood else { return sum }
            return sum + exp(likelihood)
                / (Double(prior.count) + Double(posterior.count) * exp(-trace.logRatio))
        }
        return max(floor, log(sum))
    }

    /// The traces of each question, sorted by number; `nil` unless all have exact weights and none was left
    /// out.
    private static func whole(_ replicates: [[Weight]]) -> [[String: [Weight]]]? {
        guard !replicates.isEmpty else { return nil }
        let drawn = replicates.map { weights in
            Dictionary(grouping: weights, by: \.question).mapValues { traces in
                traces.sorted { $0.sample < $1.sample }
            }
        }
        let isWhole = drawn.joined().allSatisfy { _, traces in
            traces.map(\.sample) == Array(0..<traces.count)
                && traces.allSatisfy {
                    $0.ratio == ImportanceRatio.exact.rawValue
                        && $0.estimator == AnswerEstimator.likelihood.rawValue
                }
        }
        return isWhole ? drawn : nil
    }
}
