import CKernels

extension Processor {
    /// The peak rate of floating-point operations per second of `threads` threads on matrices that stay in the
    /// L1 cache: what the kernels could reach without memory latency. The best of several trials of about 20
    /// ms.
    public static func peakOperations(threads: Int) -> Double {
        let tiles = (0..<threads).map { _ in Tile() }
        var best = 0.0
        var repetitions = 1 << 8
        for _ in 0..<8 {
            let start = ContinuousClock.now
            Parallel.forEach(threads, threads: threads) { _, thread in
                tiles[thread].multiply(repetitions)
            }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            best = max(best, Double(threads * repetitions) * Tile.operations / seconds)
            if seconds < 0.02 { repetitions *= 4 }
        }
        return best
    }

    /// Matrices [24][128] and [128][32].
    private final class Tile {
        static let (rows, columns, depth) = (24, 32, 128)
        static let operations = Double(2 * rows * columns * depth)

        private let a = FloatBuffer(count: rows * depth)
        private let b = FloatBuffer(count: depth * columns)
        private let c = FloatBuffer(count: rows * columns)

        func multiply(_ repetitions: Int) {
            for _ in 0..<repetitions {
                vk_product(
                    a.pointer, Self.depth, 1, b.pointer, Self.columns, c.pointer, Self.columns,
                    Self.rows, Self.columns, Self.depth, 0)
            }
        }
    }
}
