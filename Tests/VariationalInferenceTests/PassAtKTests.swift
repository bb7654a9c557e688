import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct PassAtKTests {
    @Test("pass@k is the share of sets of k answers that hold a correct one")
    func enumeration() throws {
        for correct in 0...6 {
            for k in 1...6 {
                let sets = (0..<64).filter { $0.nonzeroBitCount == k }
                let hits = sets.filter { $0 & ((1 << correct) - 1) != 0 }
                let estimate = try #require(passAtK(correct: correct, samples: 6, k: k))
                #expect(abs(estimate - Double(hits.count) / Double(sets.count)) < 1e-12)
            }
        }
    }

    @Test("It needs k answers, and large counts do not overflow")
    func limits() throws {
        #expect(passAtK(correct: 1, samples: 3, k: 4) == nil)
        #expect(passAtK(correct: 0, samples: 100_000, k: 50_000) == 0)
        #expect(passAtK(correct: 50_001, samples: 100_000, k: 50_000) == 1)
        let half = try #require(passAtK(correct: 1, samples: 100_000, k: 50_000))
        #expect(abs(half - 0.5) < 1e-9)
    }
}
