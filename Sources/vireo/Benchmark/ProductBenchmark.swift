import Glibc
import LanguageModel
import Report
import Store

/// Measures the matrix products of training with the kernels and with OpenBLAS, alternately, on one thread.
struct ProductBenchmark {
    /// The result for one product of one matrix of a model.
    struct Row: Encodable {
        let config: String
        let matrix: String
        let product: String
        let rows: Int
        let inputs: Int
        let outputs: Int
        /// The speed of the kernels, in 10^9 operations per second.
        let own: Double
        let openBLAS: Double
        /// The speed of OpenBLAS divided by that of the kernels.
        let ratio: Double

        enum CodingKeys: String, CodingKey, CaseIterable {
            case config, matrix, product, rows, inputs, outputs
            case own = "own_gflops"
            case openBLAS = "openblas_gflops"
            case ratio
        }
    }

    struct Report: Encodable {
        let bench = "products"
        let kernels: String
        let openblas: String
        let products: [Row]

        var text: String {
            let rows = products.map { row -> [SQLValue] in
                [
                    .text(row.config), .text(row.matrix), .text(row.product),
                    .integer(Int64(row.rows)), .integer(Int64(row.inputs)),
                    .integer(Int64(row.outputs)), .real(row.own), .real(row.openBLAS),
                    .real(row.ratio),
                ]
            }
            let table = Table(columns: Row.CodingKeys.allCases.map(\.rawValue), rows: rows)
            return "kernels \(kernels), \(openblas), one thread\n\n" + table.text(as: .table)
        }
    }

    let sizes: [BenchmarkSize]
    /// The number of measurements per product; `nil` for the default of the size.
    let repetitions: Int?

    /// Runs the benchmark. Throws if OpenBLAS is not available.
    func report() throws -> Report {
        try Products.openBLAS.check()
        return Report(
            kernels: Transformer.kernels, openblas: Products.openBLAS.identity,
            products: sizes.flatMap { size in
                matrices(of: size).flatMap { measure($0, of: size) }
            })
    }

    /// A matrix, with the number of input rows in one step of training.
    private typealias Matrix = (name: String, rows: Int, inputs: Int, outputs: Int)

    private func matrices(of size: BenchmarkSize) -> [Matrix] {
        let c = size.configuration(contextLength: size.length)
        let rows = Trainer.microbatchTokens
        return [
            ("projection", rows, c.hiddenSize, c.projectionWidth),
            ("output", rows, c.queryWidth, c.hiddenSize),
            ("gate_up", rows, c.hiddenSize, 2 * c.intermediateSize),
            ("down", rows, c.intermediateSize, c.hiddenSize),
            ("head", Trainer.headRows, c.hiddenSize, c.vocabularySize),
        ]
    }

    private func measure(_ matrix: Matrix, of size: BenchmarkSize) -> [Row] {
        let (name, rows, inputs, outputs) = matrix
        func random(_ count: Int, _ stream: UInt64) -> FloatBuffer {
            let random = CounterRandom(seed: 1, streams: stream)
            let buffer = FloatBuffer(count: count)
            for i in 0..<count { buffer.pointer[i] = random.unit(UInt64(i)) }
            return buffer
        }
        let (x, y) = (random(rows * inputs, 1), random(rows * outputs, 2))
        let (weight, to) = (random(inputs * outputs, 3), FloatBuffer(count: rows * inputs))
        let (result, gradient) = (
            FloatBuffer(count: rows * outputs), FloatBuffer(count: inputs * outputs)
        )
        let scratch = FloatBuffer(count: Products.scratchSize)
        let operations = 2 * Double(rows) * Double(inputs) * Double(outputs)
        return [
            row("apply") {
                $0.apply(
                    weight.pointer, to: x.pointer, into: result.pointer, rows: rows,
                    inputs: inputs, outputs: outputs)
            },
            row("propagate") {
                $0.propagate(
                    y.pointer, through: weight.pointer, into: to.pointer, rows: rows,
                    inputs: inputs, outputs: outputs)
            },
            row("accumulate") {
                $0.accumulate(
                    y.pointer, x.pointer, into: gradient.pointer, rows: rows, inputs: inputs,
                    outputs: outputs, scratch: scratch)
            },
        ]

        func row(_ product: String, _ work: (Products) -> Void) -> Row {
            let calls = max(1, Int(5e7 / operations))
            var seconds: [Products: [Double]] = [:]
            // The first repetition is a warm-up.
            for repetition in 0...(repetitions ?? size.repetitions) {
                for products in Products.allCases {
                    let start = Self.processorTime()
                    for _ in 0..<calls { work(products) }
                    guard repetition > 0 else { continue }
                    seconds[products, default: []].append(Self.processorTime() - start)
                }
            }
            func speed(_ products: Products) -> Double {
                let sorted = seconds[products, default: []].sorted()
                let median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
                return Double(calls) * operations / median / 1e9
            }
            func rounded(_ number: Double, _ scale: Double) -> Double {
                (number * scale).rounded() / scale
            }
            let (own, other) = (speed(.own), speed(.openBLAS))
            return Row(
                config: size.rawValue, matrix: name, product: product, rows: rows, inputs: inputs,
                outputs: outputs, own: rounded(own, 10), openBLAS: rounded(other, 10),
                ratio: rounded(other / own, 100))
        }
    }

    /// The processor time of this thread in seconds, which does not include the time of other threads.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
