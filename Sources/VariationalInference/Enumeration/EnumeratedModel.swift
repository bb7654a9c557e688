import Foundation

/// A model of one question with few traces and answers, so that every expectation can be computed as a sum.
/// pi(z|x) is the softmax of `traces`, pi(y|x,z) that of `answers[z]`, and q(z|x,y') that of `proposal`. The
/// first `correct` answers are Y_x.
public struct EnumeratedModel: Hashable, Sendable {
    /// The logits of pi(z|x), [traces].
    public var traces: [Double]

    /// The logits of pi(y|x,z), [traces][answers].
    public var answers: [[Double]]

    /// The logits of q(z|x,y'), [traces].
    public var proposal: [Double]

    /// The number of correct answers, which are the first ones.
    public let correct: Int

    /// A model with random, approximately normal logits, with standard deviation 1 for traces and 1.5 for
    /// answers.
    public init(seed: UInt64, traces count: Int = 5, answers answerCount: Int = 6, correct: Int = 2)
    {
        precondition(
            count > 0 && (1...max(1, answerCount)).contains(correct),
            "a model needs a trace and a correct answer")
        var random = SplitMix64(seed: seed)
        traces = (0..<count).map { _ in random.normal() }
        answers = (0..<count).map { _ in (0..<answerCount).map { _ in 1.5 * random.normal() } }
        proposal = (0..<count).map { _ in random.normal() }
        self.correct = correct
    }

    /// pi(z|x).
    public var prior: [Double] { softmax(traces) }

    /// q(z|x,y').
    public var q: [Double] { softmax(proposal) }

    /// pi(Y_x|x,z) of every trace, [traces].
    public var accuracies: [Double] { answers.map { softmax($0).prefix(correct).reduce(0, +) } }

    /// P(Y_x|x).
    public var probability: Double { dot(prior, accuracies) }

    /// The true posterior P(z|x,Y_x), [traces].
    public var posterior: [Double] {
        let probability = probability
        return zip(prior, accuracies).map { $0 * $1 / probability }
    }

    /// log rho of every trace (Eq. 5), [traces].
    public var logRho: [Double] {
        let weights = zip(prior, accuracies).map { log($0) + log($1) }
        return zip(weights, q).map { $0 - log($1) }
    }

    /// The reverse KL KL(q(z|x,y') || P(z|x,Y_x)) in nats, which is the gap of the evidence lower bound.
    public var reverseDivergence: Double { divergence(q, posterior) }

    /// The forward KL KL(P(z|x,Y_x) || q(z|x,y')) in nats, which trains the posterior (Eq. 9).
    public var forwardDivergence: Double { divergence(posterior, q) }

    /// The exact L^K (Eq. 5), in nats.
    public func bound(_ k: Int) -> Double {
        let logRho = logRho
        return groups(of: k, under: q).reduce(0) { sum, group in
            let value = MultiTraceBound.value(logRho: group.traces.map { logRho[$0] }) ?? 0
            return sum + group.probability * value
        }
    }

    /// All multisets of `k` traces with their probabilities under `distribution`. Bounds and gradients do not
    /// depend on the order within a group, so C(n + k - 1, k) multisets replace n^k sequences.
    package func groups(
        of k: Int, under distribution: [Double]
    ) -> [(traces: [Int], probability: Double)] {
        precondition(k > 0, "a group has at least one trace")
        var groups: [(traces: [Int], probability: Double)] = [([], 1)]
        for (trace, chance) in distribution.enumerated() {
            // This trace occurs up to as often as there is room; the last trace fills the group.
            groups = groups.flatMap { group in
                let room = k - group.traces.count
                let isLast = trace == distribution.count - 1
                return (isLast ? room...room : 0...room).map { times in
                    let orders = (0..<times).reduce(1.0) {
                        $0 * Double(group.traces.count + $1 + 1) / Double($1 + 1)
                    }
                    return (
                        group.traces + Array(repeating: trace, count: times),
                        group.probability * orders * pow(chance, Double(times))
                    )
                }
            }
        }
        return groups
    }

    private func dot(_ first: [Double], _ second: [Double]) -> Double {
        zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
    }

    private func divergence(_ first: [Double], _ second: [Double]) -> Double {
        zip(first, second).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
    }
}
