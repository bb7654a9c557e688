import CKernels
import Foundation
import LanguageModel
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ProductsTests {
    @Test("A processor that the kernels have no body for takes OpenBLAS where it can be loaded")
    func faster() throws {
        for kernels in ["AVX-512", "AVX2"] {
            #expect(try Products.choice(nil, kernels: kernels, failure: { nil }) == .own)
        }
        #expect(try Products.choice(nil, kernels: "baseline", failure: { nil }) == .openBLAS)
        #expect(try Products.choice(nil, kernels: "baseline", failure: { "x" }) == .own)
    }

    @Test(
        "The setting of the products is followed on every processor",
        arguments: ["AVX-512", "baseline"])
    func wish(kernels: String) throws {
        #expect(try Products.choice("own", kernels: kernels, failure: { nil }) == .own)
        #expect(try Products.choice("openblas", kernels: kernels, failure: { nil }) == .openBLAS)
    }

    @Test("An invalid setting of the products, or one that is not available, is an error")
    func errors() {
        let nonsense = LanguageModelError.setting(
            variable: "VIREO_PRODUCTS", value: "mkl", choices: ["own", "openblas"])
        #expect(throws: nonsense) {
            try Products.choice("mkl", kernels: "AVX2", failure: { nil })
        }
        #expect(
            nonsense.description
                == "the environment variable VIREO_PRODUCTS is 'mkl': it must be own or openblas")
        let missing = LanguageModelError.openBLAS(reason: "it is on the moon")
        #expect(throws: missing) {
            try Products.choice("openblas", kernels: "AVX2", failure: { "it is on the moon" })
        }
        #expect(
            missing.description
                == "cannot use OpenBLAS: it is on the moon; install Debian's libopenblas0-pthread, or set VIREO_PRODUCTS=own"
        )
    }
}

/// The kernels against OpenBLAS, which nobody here wrote, and both against sums in double precision.
@Suite(
    .enabled(if: Products.openBLASFailure == nil, "OpenBLAS is not installed"),
    .timeLimit(.minutes(10)))
struct OpenBLASTests {
    /// A matrix of random numbers whose rows are farther apart than they are wide.
    private struct Matrix {
        let rows, columns, stride: Int
        var values: [Float]

        init(_ rows: Int, _ columns: Int, gap: Int = 0, seed: UInt64) {
            let random = CounterRandom(seed: seed, streams: UInt64(rows), UInt64(columns))
            (self.rows, self.columns, stride) = (rows, columns, columns + gap)
            values = (0..<rows * (columns + gap)).map { Float(random.normal(UInt64($0))) }
        }

        subscript(row: Int, column: Int) -> Double { Double(values[row * stride + column]) }

        var transposed: Matrix {
            var result = Matrix(columns, rows, gap: 2, seed: 0)
            for row in 0..<rows {
                for column in 0..<columns {
                    result.values[column * result.stride + row] = values[row * stride + column]
                }
            }
            return result
        }
    }

    /// How far `found` is at most from `start` + A B computed in double precision, in shares of what
    /// rounding may bring: half a unit for each of k products and sums.
    private func error(
        of found: Matrix, _ a: Matrix, _ b: Matrix, addedTo start: Matrix?
    ) -> Double {
        var largest = 0.0
        for i in 0..<a.rows {
            for j in 0..<b.columns {
                var (sum, size) = (start?[i, j] ?? 0, abs(start?[i, j] ?? 0))
                for p in 0..<a.columns {
                    sum += a[i, p] * b[p, j]
                    size += abs(a[i, p] * b[p, j])
                }
                let share = abs(found[i, j] - sum) / (Double(a.columns + 2) * 0x1p-24 * size)
                // What is not a number is no error to `max`.
                largest = share.isNaN ? .infinity : max(largest, share)
            }
        }
        return largest
    }

    /// A B by OpenBLAS, for each way in which A and B can be stored.
    private func products(_ a: Matrix, _ b: Matrix, addedTo start: Matrix?) -> [Matrix] {
        [(false, false), (true, false), (false, true), (true, true)].map { first, second in
            let (left, right) = (first ? a.transposed : a, second ? b.transposed : b)
            var c = start ?? Matrix(a.rows, b.columns, gap: 3, seed: 9)
            if start == nil { c.values = c.values.map { _ in .nan } }
            vk_openblas_product(
                left.values, left.stride, first ? 1 : 0, right.values, right.stride, second ? 1 : 0,
                &c.values, c.stride, a.rows, b.columns, a.columns, start == nil ? 0 : 1)
            return c
        }
    }

    /// Rows, inputs and outputs: 1, odd numbers, and sums longer than the parts in which the kernels take them.
    static let shapes: [(m: Int, k: Int, n: Int)] =
        [(1, 1, 1), (1, 300, 33), (13, 257, 1), (7, 1, 65), (300, 5, 9), (30, 600, 17)]
        + (0..<8).map { index in
            let random = CounterRandom(seed: 11, streams: UInt64(index))
            func size(_ limit: UInt64, _ position: UInt64) -> Int {
                1 + Int(random.bits(position) % limit)
            }
            return (size(40, 0), size(400, 1), size(90, 2))
        }

    @Test("OpenBLAS's products are sums however matrices are stored", arguments: shapes)
    func library(m: Int, k: Int, n: Int) {
        let (a, b) = (Matrix(m, k, gap: 5, seed: 1), Matrix(k, n, gap: 1, seed: 2))
        for start in [nil, Matrix(m, n, gap: 3, seed: 3)] {
            for c in products(a, b, addedTo: start) {
                #expect(error(of: c, a, b, addedTo: start) < 1)
            }
        }
    }

    @Test("The three products of training agree with OpenBLAS's", arguments: shapes)
    func training(m: Int, k: Int, n: Int) {
        let (x, w, dy) = (Matrix(m, k, seed: 1), Matrix(n, k, seed: 2), Matrix(m, n, seed: 3))
        let exact = (w: w.transposed, dy: dy.transposed)
        let scratch = FloatBuffer(count: Products.scratchSize)
        for products in Products.allCases {
            for adding in [false, true] {
                let start = Matrix(m, n, seed: 4)
                var y = start
                if !adding { y.values = y.values.map { _ in .nan } }
                products.apply(
                    w.values, to: x.values, into: &y.values, rows: m, inputs: k, outputs: n,
                    adding: adding)
                #expect(error(of: y, x, exact.w, addedTo: adding ? start : nil) < 1)
            }
            var dx = Matrix(m, k, seed: 0)
            dx.values = dx.values.map { _ in .nan }
            products.propagate(
                dy.values, through: w.values, into: &dx.values, rows: m, inputs: k, outputs: n)
            #expect(error(of: dx, dy, w, addedTo: nil) < 1)
            let start = Matrix(n, k, seed: 5)
            var dw = start
            products.accumulate(
                dy.values, x.values, into: &dw.values, rows: m, inputs: k, outputs: n,
                scratch: scratch)
            #expect(error(of: dw, exact.dy, x, addedTo: start) < 1)
        }
    }

    @Test("Packed products agree with OpenBLAS's, in float32 and bfloat16", arguments: shapes)
    func packed(m: Int, k: Int, n: Int) {
        let x = Matrix(m, k, gap: 4, seed: 1)
        var w = Matrix(n, k, seed: 2)
        w.values = w.values.map { Float(bitPattern: $0.bitPattern & 0xFFFF_0000) }
        let (size, panels) = (vk_packed_size(n, k), (n + 63) / 64)
        var floats = [Float](repeating: 0, count: size)
        vk_pack(w.values, n, k, &floats, 0, panels)
        var halves = [UInt16](repeating: 0, count: size)
        vk_pack_half(w.values, n, k, &halves, 0, panels)
        let start = Matrix(m, n, gap: (n + 31) / 32 * 32 - n, seed: 3)
        let expected = products(x, w.transposed, addedTo: start)[0]
        #expect(error(of: expected, x, w.transposed, addedTo: start) < 1)
        for isHalf in [false, true] {
            var y = start
            for part in 0..<3 {
                if isHalf {
                    vk_apply_packed(
                        x.values, x.stride, halves, 1, &y.values, y.stride, m, n, k, 1, part, 3)
                } else {
                    vk_apply_packed(
                        x.values, x.stride, floats, 0, &y.values, y.stride, m, n, k, 1, part, 3)
                }
            }
            #expect(error(of: y, x, w.transposed, addedTo: start) < 1)
        }
    }

    @Test("Attention's product agrees with OpenBLAS's, transposed or not", arguments: shapes)
    func attention(m: Int, k: Int, n: Int) {
        let width = (n + 7) / 8 * 8
        let (a, b) = (Matrix(m, k, gap: 3, seed: 1), Matrix(k, width, gap: 1, seed: 2))
        let start = Matrix(m, width, gap: 2, seed: 3)
        let transposed = a.transposed
        for expected in products(a, b, addedTo: start) {
            #expect(error(of: expected, a, b, addedTo: start) < 1)
        }
        var (c, d) = (start, start)
        vk_product(
            a.values, a.stride, 1, b.values, b.stride, &c.values, c.stride, m, width, k, 1)
        vk_product(
            transposed.values, 1, transposed.stride, b.values, b.stride, &d.values, d.stride, m,
            width, k, 1)
        #expect(error(of: c, a, b, addedTo: start) < 1)
        #expect(c.values == d.values)
    }

    @Test("OpenBLAS's settings are no part of the environment, which child processes have too")
    func environment() throws {
        func settings(_ names: some Sequence<String>) -> [String] {
            names.filter { $0.hasPrefix("OPENBLAS_") || $0.hasPrefix("OMP_") }.sorted()
        }
        let start = try #require(FileManager.default.contents(atPath: "/proc/self/environ"))
        let names = start.split(separator: 0).map {
            String(decoding: $0.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
        }
        #expect(settings(ProcessInfo.processInfo.environment.keys) == settings(names))
    }

    private func trained(
        _ products: Products, threads: Int
    ) throws -> (losses: [Double], weights: [Float]) {
        let model = try smallModel(products: products)
        let trainer = try Trainer(model, threads: threads)
        let losses = try (0..<5).map { step in
            try trainer.step(randomSequences(40, seed: UInt64(step)), rate: 1e-2).loss
        }
        return (losses, model.parameters.array)
    }

    @Test("Training with OpenBLAS differs from training with the kernels in rounding alone")
    func rounding() throws {
        let (own, other) = (
            try trained(.own, threads: 1).losses, try trained(.openBLAS, threads: 1).losses
        )
        for (own, other) in zip(own, other) { #expect(abs(other / own - 1) < 1e-5) }
        let gradients = try Products.allCases.map { products in
            let trainer = try Trainer(try smallModel(products: products), threads: 1)
            _ = try trainer.accumulate(randomSequences(40, seed: 1))
            return trainer.gradient.array
        }
        let largest = gradients[0].map(abs).max() ?? 0
        let difference = zip(gradients[0], gradients[1]).map { abs($0 - $1) }.max() ?? 0
        #expect(difference < 1e-5 * largest)
    }

    @Test("Training with OpenBLAS gives the same bits with any number of threads, and again")
    func threads() throws {
        let one = try trained(.openBLAS, threads: 1).weights
        for threads in [1, 2, 4] {
            #expect(try trained(.openBLAS, threads: threads).weights == one)
        }
    }
}
