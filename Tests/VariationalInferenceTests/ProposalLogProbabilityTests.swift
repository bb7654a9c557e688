import Foundation
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct ProposalLogProbabilityTests {
    /// Traces of two tokens of three kinds: a trace's logits are those of its tokens, which do not
    /// depend on each other.
    private let prior = softmax([0.4, -0.3, 0.1])
    private let logits = [1.2, 0.1, -0.8]
    private let accuracies = [0.9, 0.2, 0.5, 0.1, 0.7, 0.05, 0.6, 0.3, 0.4]

    /// E[rho] and E[log rho] over what a proposal draws, with the log-probability that `choice`
    /// takes.
    private func estimate(
        _ choice: ProposalLogProbability, of logits: [Double]? = nil, drawn: [Double]
    ) throws -> (mean: Double, bound: Double) {
        let untempered = softmax(logits ?? self.logits)
        var (mean, bound) = (0.0, 0.0)
        for (trace, accuracy) in accuracies.enumerated() {
            let tokens = [trace / 3, trace % 3]
            let chance = tokens.reduce(1) { $0 * drawn[$1] }
            guard chance > 0 else { continue }
            let q = try #require(
                choice.value(
                    untempered: tokens.reduce(0) { $0 + log(untempered[$1]) },
                    sampled: log(chance)))
            let logPrior = tokens.reduce(0) { $0 + log(prior[$1]) }
            let ratio = try #require(
                ImportanceRatio.exact.log(prior: logPrior, posterior: q, tokens: 2))
            mean += chance * exp(ratio) * accuracy
            bound += chance * (ratio + log(accuracy))
        }
        return (mean, bound)
    }

    private var probability: Double {
        accuracies.enumerated().reduce(0) {
            $0 + prior[$1.offset / 3] * prior[$1.offset % 3] * $1.element
        }
    }

    @Test("Only the distribution that was drawn from gives an unbiased estimate and a bound")
    func tempered() throws {
        let drawn = softmax(logits.map { $0 / 0.7 })
        let sampled = try estimate(.sampled, drawn: drawn)
        #expect(abs(sampled.mean - probability) < 1e-12)
        #expect(sampled.bound < log(probability))
        #expect(abs(try estimate(.untempered, drawn: drawn).mean - probability) > 0.05)
        // At T = 1 there is but one.
        let equal = try estimate(.untempered, drawn: softmax(logits))
        #expect(abs(equal.mean - probability) < 1e-12)
    }

    @Test("With the model's own log-probability the bound may exceed log P")
    func noBound() throws {
        // The proposal is surer than the prior, and is drawn from at a high temperature.
        let sure = logits.map { 2 * $0 }
        let drawn = softmax(sure.map { $0 / 4 })
        let bound = try estimate(.untempered, of: sure, drawn: drawn).bound
        #expect(bound > log(probability) + 0.5)
        #expect(try estimate(.sampled, of: sure, drawn: drawn).bound < log(probability))
    }

    @Test("What a filter cuts off is missing from the estimate, which stays below")
    func filtered() throws {
        // The least likely token is cut off.
        let kept = softmax(logits.dropLast()) + [0]
        let sampled = try estimate(.sampled, drawn: kept)
        let missing = accuracies.enumerated().filter { $0.offset / 3 == 2 || $0.offset % 3 == 2 }
            .reduce(0) { $0 + prior[$1.offset / 3] * prior[$1.offset % 3] * $1.element }
        #expect(abs(sampled.mean - (probability - missing)) < 1e-12)
        #expect(sampled.bound < log(probability))
    }

    @Test("A log-probability that was not recorded is not replaced by the other")
    func missing() {
        #expect(ProposalLogProbability.sampled.value(untempered: -3, sampled: nil) == nil)
        #expect(ProposalLogProbability.sampled.value(untempered: -3, sampled: -2) == -2)
        #expect(ProposalLogProbability.untempered.value(untempered: -3, sampled: -2) == -3)
        #expect(ProposalLogProbability.untempered.value(untempered: nil, sampled: -2) == nil)
    }
}
