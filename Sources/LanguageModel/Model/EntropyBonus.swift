import CKernels

/// The gradients of an entropy bonus with respect to the logits of up to `rows` rows. A class, because it owns
/// its buffer.
final class EntropyBonus {
    private let vocabulary: Int
    private let gradients: FloatBuffer

    init(rows: Int, vocabulary: Int) {
        self.vocabulary = vocabulary
        gradients = FloatBuffer(count: rows * vocabulary + 16)
    }

    /// The entropy of the distribution of each row, in nats. Stores the gradients of `-weight * entropy`.
    func entropies(
        of logits: UnsafePointer<Float>, weights: ArraySlice<Float>
    ) -> [Float] {
        weights.enumerated().map { row, weight in
            vk_entropy_gradient(
                logits + row * vocabulary, gradients.pointer + row * vocabulary, vocabulary, weight)
        }
    }

    /// Adds the gradients of the first `count` rows to `rows` [count][vocabulary].
    func add(to rows: UnsafeMutablePointer<Float>, count: Int) {
        vk_add(rows, gradients.pointer, count * vocabulary)
    }
}
