import CKernels
import Foundation
import LanguageModel
import Testing

/// Each fast kernel against its plain twin.
@Suite(.timeLimit(.minutes(10)))
struct KernelTests {
    private func values(_ count: Int, seed: UInt64) -> [Float] {
        let random = CounterRandom(seed: seed)
        return (0..<count).map { Float(random.normal(UInt64($0))) }
    }

    @Test("Products are sums, for every tile shape", arguments: [1, 2, 3, 5, 6, 7, 13, 24])
    func products(rows: Int) {
        for (n, k) in [(8, 3), (16, 17), (24, 9), (40, 33), (120, 96), (72, 5)] {
            let (a, b) = (values(rows * k, seed: 1), values(k * n, seed: 2))
            var c = [Float](repeating: 1, count: rows * n)
            vk_product(a, k, 1, b, n, &c, n, rows, n, k, 1)
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

    /// Rows, outputs and inputs on both sides of the kernels' block sizes.
    static let shapes = [
        (1, 1, 1), (5, 33, 7), (13, 31, 20), (12, 64, 64), (40, 97, 130), (300, 450, 35),
        (3, 40, 600),
    ]

    @Test("Products with weights and both gradients are sums", arguments: shapes)
    func weights(m: Int, n: Int, k: Int) {
        let (x, w, dy) = (
            values(m * k, seed: 1), values(n * k, seed: 2), values(m * n, seed: 3)
        )
        var y = [Float](repeating: 1, count: m * n)
        vk_apply(x, w, &y, m, n, k, 1)
        var dx = [Float](repeating: .nan, count: m * k)
        vk_propagate(dy, w, &dx, m, n, k, 0)
        var dw = [Float](repeating: 1, count: n * k)
        var scratch = [Float](repeating: 0, count: vk_accumulate_scratch())
        vk_accumulate(dy, x, &dw, m, n, k, &scratch)
        var largest = 0.0
        for i in 0..<m {
            for o in 0..<n {
                let sum = (0..<k).reduce(1.0) { $0 + Double(x[i * k + $1]) * Double(w[o * k + $1]) }
                largest = max(largest, abs(Double(y[i * n + o]) - sum))
            }
            for p in 0..<k {
                let sum = (0..<n).reduce(0.0) {
                    $0 + Double(dy[i * n + $1]) * Double(w[$1 * k + p])
                }
                largest = max(largest, abs(Double(dx[i * k + p]) - sum))
            }
        }
        for o in 0..<n {
            for p in 0..<k {
                let sum = (0..<m).reduce(1.0) {
                    $0 + Double(dy[$1 * n + o]) * Double(x[$1 * k + p])
                }
                largest = max(largest, abs(Double(dw[o * k + p]) - sum))
            }
        }
        #expect(largest < 2e-4)
    }

    @Test("Packed weights give the products' bits, in any number of parts", arguments: shapes)
    func packed(m: Int, n: Int, k: Int) {
        let (x, w) = (values(m * k, seed: 1), values(n * k, seed: 2))
        var packed = [Float](repeating: 0, count: vk_packed_size(n, k))
        vk_pack(w, n, k, &packed, 0, (n + 63) / 64)
        let stride = (n + 31) / 32 * 32
        var expected = [Float](repeating: 0, count: m * n)
        vk_apply(x, w, &expected, m, n, k, 0)
        for parts in [1, 2, 3, 7] {
            var y = [Float](repeating: .nan, count: m * stride)
            for part in 0..<parts {
                vk_apply_packed(x, k, packed, 0, &y, stride, m, n, k, 0, part, parts)
            }
            for i in 0..<m {
                #expect(
                    Array(y[(i * stride)..<(i * stride + n)])
                        == Array(expected[(i * n)..<((i + 1) * n)]))
            }
        }
    }

    @Test("Weights that are bfloat16 lose nothing when packed as such", arguments: shapes)
    func halves(m: Int, n: Int, k: Int) {
        let x = values(m * k, seed: 1)
        let w = values(n * k, seed: 2).map { Float(bitPattern: $0.bitPattern & 0xFFFF_0000) }
        #expect(vk_is_half(w, n * k) == 1)
        #expect(vk_is_half([1.5, 0.1], 2) == 0)
        var packed = [UInt16](repeating: 0, count: vk_packed_size(n, k))
        vk_pack_half(w, n, k, &packed, 0, (n + 63) / 64)
        let stride = (n + 31) / 32 * 32
        var (y, expected) = (
            [Float](repeating: .nan, count: m * stride), [Float](repeating: 0, count: m * n)
        )
        vk_apply(x, w, &expected, m, n, k, 0)
        for part in 0..<2 { vk_apply_packed(x, k, packed, 1, &y, stride, m, n, k, 0, part, 2) }
        for i in 0..<m {
            #expect(
                Array(y[(i * stride)..<(i * stride + n)])
                    == Array(expected[(i * n)..<((i + 1) * n)]))
        }
    }

    @Test("Every half-precision number is widened to itself")
    func widening() {
        let patterns = (0...UInt16.max).map { $0 }
        var floats = [Float](repeating: 0, count: patterns.count)
        vk_widen_float16(patterns, &floats, patterns.count)
        for (bits, value) in zip(patterns, floats) {
            let sign: Float = bits & 0x8000 == 0 ? 1 : -1
            let (exponent, fraction) = (Int(bits >> 10 & 31), Float(bits & 1023))
            switch exponent {
            case 0: #expect(value == sign * fraction * 0x1p-24)
            case 31:
                #expect(fraction == 0 ? value == sign * .infinity : value.isNaN)
            default:
                let expected = Float(
                    sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
                #expect(value == sign * expected)
            }
        }
        vk_widen_bfloat16(patterns, &floats, patterns.count)
        #expect(
            zip(patterns, floats).allSatisfy { $1.bitPattern == UInt32($0) << 16 })
    }

    @Test("A row of a product has the same bits alone and in company")
    func rowInvariance() {
        let (n, k) = (40, 33)
        let (a, b) = (values(13 * k, seed: 1), values(k * n, seed: 2))
        var together = [Float](repeating: 0, count: 13 * n)
        vk_product(a, k, 1, b, n, &together, n, 13, n, k, 0)
        for row in 0..<13 {
            var alone = [Float](repeating: 0, count: n)
            vk_product(Array(a[(row * k)..<((row + 1) * k)]), k, 1, b, n, &alone, n, 1, n, k, 0)
            #expect(alone == Array(together[(row * n)..<((row + 1) * n)]))
        }
    }

    @Test("The token drawn is the one whose share of the sum holds the number")
    func draws() {
        for count in [1, 5, 16, 17, 100] {
            var p = values(count, seed: 9).map { $0 * $0 }
            for i in stride(from: 0, to: count, by: 3) where count > 5 { p[i] = 0 }
            let total = p.reduce(0, +)
            for step in 0..<200 {
                let number = total * Float(step) / 200
                let drawn = vk_draw(p, count, number)
                let before = p[..<drawn].reduce(0, +)
                #expect(p[drawn] > 0)
                #expect(before <= number * 1.00001 + 1e-6)
                #expect(before + p[drawn] >= number * 0.99999 - 1e-6)
            }
            #expect(p[vk_draw(p, count, total * 2)] > 0)
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
        vk_log_softmax(&plain, size, targets, nil, &logProbabilities, &entropy, rows, size)
        #expect(plain == logits)
        vk_log_softmax(&gradient, size, targets, coefficients, &logProbabilities, nil, rows, size)
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
        vk_swiglu(gu, 32, &h, 1, 16)
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

    @Test("NaN stays NaN through every softmax")
    func notANumber() {
        var logits = values(20, seed: 8)
        logits[3] = .nan
        var probabilities = logits
        #expect(vk_softmax(logits, &probabilities, 20, 1).isNaN)
        #expect(probabilities.allSatisfy { $0.isNaN })
        var logProbability: Float = 0
        vk_log_softmax(&logits, 20, [5], nil, &logProbability, nil, 1, 20)
        #expect(logProbability.isNaN)

        let (length, d) = (3, 8)
        var q = values(length * d, seed: 9)
        q[2 * d + 1] = .nan
        let ones = [Float](repeating: 1, count: length * d)
        var out = ones
        var lse = [Float](repeating: 0, count: length)
        var scratch = [Float](repeating: 0, count: vk_attention_scratch(length, d))
        vk_attention(q, d, ones, d, ones, d, &out, d, &lse, length, 1, 1, d, &scratch)
        #expect(lse.map { $0.isNaN } == [false, false, true])
        #expect(out.map { $0.isNaN } == (0..<(length * d)).map { $0 >= 2 * d })
    }
}
