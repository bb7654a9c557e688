import Testing
import VariationalInference

@Suite("Holm's method", .timeLimit(.minutes(10)))
struct HolmAdjustmentTests {
    private func isNear(_ values: [Double], _ expected: [Double]) -> Bool {
        values.count == expected.count
            && zip(values, expected).allSatisfy { abs($0 - $1) < 1e-12 }
    }

    @Test("Examples worked out by hand")
    func examples() {
        #expect(holmAdjusted([]) == [])
        #expect(holmAdjusted([0.03]) == [0.03])
        // Ascending 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1; the last is raised to the one before it.
        #expect(isNear(holmAdjusted([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]))
        // 0.04 * 3 is above 1/20, so that nothing after it is found, however small its factor.
        #expect(isNear(holmAdjusted([0.04, 0.045, 0.049]), [0.12, 0.12, 0.12]))
        #expect(isNear(holmAdjusted([0.5, 0.9, 1]), [1, 1, 1]))
        #expect(isNear(holmAdjusted([0.02, 0.02]), [0.04, 0.04]))
    }

    @Test("No value falls, their order stays, and none exceeds Bonferroni's")
    func monotone() {
        var random = SplitMix64(seed: 1)
        for count in 1..<30 {
            let values = (0..<count).map { _ in random.uniform() * random.uniform() }
            let adjusted = holmAdjusted(values)
            for (value, other) in zip(values, adjusted) {
                #expect(other >= value && other <= min(1, Double(count) * value))
            }
            for (a, b) in zip(values, adjusted) {
                for (c, d) in zip(values, adjusted) where a < c { #expect(b <= d) }
            }
        }
    }

    @Test("The order of the tests does not matter")
    func permutations() {
        var random = SplitMix64(seed: 2)
        let values = (0..<12).map { _ in random.uniform() / 10 } + [0.01, 0.01]
        let adjusted = holmAdjusted(values)
        for _ in 0..<20 {
            let order = values.indices.shuffled(using: &random)
            #expect(holmAdjusted(order.map { values[$0] }) == order.map { adjusted[$0] })
        }
    }
}
