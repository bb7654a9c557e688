import Foundation
import Testing
import VariationalInference

@Suite struct ForwardKLTests {
    /// The expected update of phi from `count` traces of the prior, by enumeration.
    private func update(_ count: Int, _ model: DiscreteModel) -> [Double] {
        var update = [Double](repeating: 0, count: 5)
        let accuracies = model.accuracies
        model.forEachTuple(of: count, under: model.prior) { tuple, probability in
            let weights = forwardKLWeights(accuracies: tuple.map { accuracies[$0] }) ?? []
            for (trace, weight) in zip(tuple, weights) {
                update.add(score(trace, model.q), times: probability * weight)
            }
        }
        return update
    }

    @Test("The expected score under the posterior is minus the gradient of the forward KL")
    func exactGradient() {
        let model = DiscreteModel(seed: 8)
        var exact = [Double](repeating: 0, count: 5)
        for trace in 0..<5 { exact.add(score(trace, model.q), times: model.posterior[trace]) }
        let gradient = numericalGradient(at: model.proposal) { proposal in
            zip(model.posterior, softmax(proposal)).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
        }
        #expect(exact.distance(to: gradient.map { -$0 }) < 1e-6)
    }

    @Test("The self-normalised estimate is biased, and less so with more traces")
    func bias() {
        let model = DiscreteModel(seed: 8)
        var exact = [Double](repeating: 0, count: 5)
        for trace in 0..<5 { exact.add(score(trace, model.q), times: model.posterior[trace]) }
        let biases = [1, 2, 4, 6].map { count in
            zip(update(count, model), exact).map { $0 - $1 }.norm / exact.norm
        }
        #expect(zip(biases, biases.dropFirst()).allSatisfy { $0 > $1 })
        #expect(biases[0] > 0.1 && biases[3] < biases[0] / 3)
    }

    @Test("One trace has weight one whatever its accuracy, and none without accuracy")
    func degenerate() {
        #expect(forwardKLWeights(accuracies: [0.01]) == [1])
        #expect(forwardKLWeights(accuracies: [0.5, 0, 1.5]) == [0.25, 0, 0.75])
        #expect(forwardKLWeights(accuracies: [0, 0]) == nil)
        #expect(forwardKLWeights(accuracies: []) == nil)
    }
}
