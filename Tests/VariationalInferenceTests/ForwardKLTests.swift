import Foundation
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct ForwardKLTests {
    @Test("The self-normalised estimate is biased, and less so with more traces")
    func bias() {
        let model = EnumeratedModel(seed: 8)
        let exact = model.forwardKLDescent()
        let biases = [1, 2, 4, 8].map { count in
            zip(model.forwardKLEstimate(count), exact).map { $0 - $1 }.norm / exact.norm
        }
        #expect(zip(biases, biases.dropFirst()).allSatisfy { $0 > $1 })
        #expect(biases[0] > 0.1 && biases[3] < biases[0] / 3)
    }

    @Test("The estimate from two traces is the one over all pairs of the prior's traces")
    func estimate() {
        let model = EnumeratedModel(seed: 8)
        let accuracies = model.accuracies
        var update = [Double](repeating: 0, count: 5)
        model.forEachTuple(of: 2, under: model.prior) { pair, probability in
            let total = accuracies[pair[0]] + accuracies[pair[1]]
            for trace in pair {
                update.add(
                    score(trace, model.q), times: probability * accuracies[trace] / total)
            }
        }
        #expect(update.distance(to: model.forwardKLEstimate(2)) < 1e-12)
    }

    @Test("A single trace has weight one if its accuracy is positive, and no weight otherwise")
    func degenerate() {
        #expect(forwardKLWeights(accuracies: [0.01]) == [1])
        #expect(forwardKLWeights(accuracies: [0.5, 0, 1.5]) == [0.25, 0, 0.75])
        #expect(forwardKLWeights(accuracies: [0, 0]) == nil)
        #expect(forwardKLWeights(accuracies: []) == nil)
    }
}
