import CKernels
import Foundation
import LanguageModel
import Testing

/// Each fast kernel against its plain twin.
@Suite struct KernelTests {
    private func values(_ count: Int, seed: UInt64) -> [Float] {
        let random = CounterRandom(seed: seed)
        return (0..<count).map { Float(random.normal(UInt64($0))) }
    }

    @Test("Products are sums, for every tile shape", arguments: [1, 2, 3, 5, 6, 7, 13, 24])
    func products(rows: Int) {
        for (n, k) in [(8, 3), (16, 17), (24, 9), (40, 33), (120, 96)] {
            let (a, b) = (values(rows * k, seed: 1), values(k * n, seed: 2))
            var c = [Float](repeating: 1, count: rows * n)
            vk_matmul(a, k, 1, b, n, &c, n, rows, n, k, 1)
            for i in 0..<rows {
                for j in 0..<n {
                    let sum = (0..<k).reduce(1.0) {
                        $0 + Double(a[i * k + $1]) * Double(b[$1 * n + j])
                    }
                    #expect(abs(Double(c[i * n + j]) - sum) < 1e-4)
                }
            }
        }
    }

    @Test("A row of a product has the same bits alone and in company")
    func rowInvariance() {
        let (n, k) = (40, 33)
        let (a, b) = (values(13 * k, seed: 1), values(k * n, seed: 2))
        var together = [Float](repeating: 0, count: 13 * n)
        vk_matmul(a, k, 1, b, n, &together, n, 13, n, k, 0)
        for row in 0..<13 {
            var alone = [Float](repeating: 0, count: n)
            vk_matmul(Array(a[(row * k)..<((row + 1) * k)]), k, 1, b, n, &alone, n, 1, n, k, 0)
            #expect(alone == Array(together[(row * n)..<((row + 1) * n)]))
        }
    }

    @Test("Attention is a causal softmax over scaled products", arguments: [1, 5, 6, 7, 16, 33])
    func attention(length: Int) {
        let (heads, keyHeads, d) = (4, 2, 6)
        let stride = (heads + 2 * keyHeads) * d
        let x = values(length * stride, seed: 3)
        var out = [Float](repeating: 0, count: length * heads * d)
        var lse = [Float](repeating: 0, count: length * heads)
        var scratch = [Float](repeating: 0, count: vk_attention_scratch(length, d))
        x.withUnsafeBufferPointer { x in
            let p = x.baseAddress!
            vk_attention(
                p, stride, p + heads * d, stride, p + (heads + keyHeads) * d, stride, &out,
                heads * d, &lse, length, heads, keyHeads, d, &scratch)
        }
        for t in 0..<length {
            for h in 0..<heads {
                let key = (heads + h / 2) * d
                let value = (heads + keyHeads + h / 2) * d
                let scores = (0...t).map { j in
                    (0..<d).reduce(0.0) {
                        $0 + Double(x[t * stride + h * d + $1]) * Double(x[j * stride + key + $1])
                    } / Double(d).squareRoot()
                }
                let total = scores.reduce(0) { $0 + exp($1) }
                #expect(abs(Double(lse[h * length + t]) - log(total)) < 1e-4)
                for i in 0..<d {
                    let sum = (0...t).reduce(0.0) {
                        $0 + exp(scores[$1]) / total * Double(x[$1 * stride + value + i])
                    }
                    #expect(abs(Double(out[(t * heads + h) * d + i]) - sum) < 1e-4)
                }
            }
        }
    }

    @Test("Log-softmax, its entropy and its gradient are exact to rounding")
    func logSoftmax() {
        let (rows, size) = (5, 37)
        let logits = values(rows * size, seed: 5).map { 3 * $0 }
        let targets: [Int32] = [0, 36, 7, 7, 20]
        let coefficients: [Float] = [1, -2, 0.5, 0, 3]
        var (plain, gradient) = (logits, logits)
        var logProbabilities = [Float](repeating: 0, count: rows)
        var entropy = logProbabilities
        vk_log_softmax(&plain, targets, nil, &logProbabilities, &entropy, rows, size)
        #expect(plain == logits)
        vk_log_softmax(&gradient, targets, coefficients, &logProbabilities, nil, rows, size)
        for r in 0..<rows {
            let row = logits[(r * size)..<((r + 1) * size)].map { Double($0) }
            let total = log(row.reduce(0) { $0 + exp($1) })
            let p = row.map { exp($0 - total) }
            #expect(abs(Double(logProbabilities[r]) - (row[Int(targets[r])] - total)) < 1e-5)
            #expect(
                abs(Double(entropy[r]) + zip(p, row).reduce(0) { $0 + $1.0 * ($1.1 - total) })
                    < 1e-5)
            for i in 0..<size {
                let expected = Double(coefficients[r]) * (p[i] - (i == Int(targets[r]) ? 1 : 0))
                #expect(abs(Double(gradient[r * size + i]) - expected) < 1e-5)
            }
        }
    }

    @Test("SwiGLU and its gradient are those of the formula over the whole range")
    func swiglu() {
        let gates: [Float] = [-100, -30, -5, -1, 0, 0.5, 3, 40, 100, -0.001, 88, -88, 1, 2, 3, 4]
        let ups = values(16, seed: 6)
        var gu = gates + ups
        var h = [Float](repeating: 0, count: 16)
        vk_swiglu(gu, &h, 1, 16)
        let dh = values(16, seed: 7)
        vk_swiglu_backward(&gu, dh, 1, 16)
        for i in 0..<16 {
            let (g, u) = (Double(gates[i]), Double(ups[i]))
            let s = 1 / (1 + exp(-g))
            #expect(abs(Double(h[i]) - g * s * u) <= 1e-6 * max(1, abs(g)))
            let slope = Double(dh[i]) * u * s * (1 + g * (1 - s))
            #expect(abs(Double(gu[i]) - slope) <= 1e-5)
            #expect(abs(Double(gu[16 + i]) - Double(dh[i]) * g * s) <= 1e-6 * max(1, abs(g)))
        }
    }
}
