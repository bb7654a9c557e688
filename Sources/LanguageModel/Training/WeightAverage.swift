/// An exponential moving average of the weights of a model over its optimizer steps. A class, because it owns
/// them.
///
/// The decay of step t is min(decay, (1 + t) / (10 + t)), so that the initial weights do not dominate a short
/// training.
final class WeightAverage {
    let decay: Double
    let weights: FloatBuffer

    private static let pieceSize = 1 << 15

    /// Starts with the weights of `model`.
    init(of model: Transformer, decay: Double) {
        self.decay = decay
        weights = FloatBuffer(copying: model.parameters)
    }

    /// Adds the weights after step `step`, counted from 1. Works elementwise, so results do not depend on the
    /// number of threads.
    func add(_ other: FloatBuffer, step: Int, threads: Int) {
        let share = Float(1 - min(decay, Double(1 + step) / Double(10 + step)))
        forEachPiece(other, threads) { average, other, count in
            for i in 0..<count { average[i] += share * (other[i] - average[i]) }
        }
    }

    /// Swaps the average with `other`.
    func swap(with other: FloatBuffer, threads: Int) {
        forEachPiece(other, threads) { average, other, count in
            for i in 0..<count { (average[i], other[i]) = (other[i], average[i]) }
        }
    }

    private func forEachPiece(
        _ other: FloatBuffer, _ threads: Int,
        _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    ) {
        let pieces = (weights.count + Self.pieceSize - 1) / Self.pieceSize
        Parallel.forEach(pieces, threads: threads) { index, _ in
            let start = index * Self.pieceSize
            body(
                weights.pointer + start, other.pointer + start,
                min(Self.pieceSize, weights.count - start))
        }
    }
}
