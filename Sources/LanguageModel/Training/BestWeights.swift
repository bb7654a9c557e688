/// The weights with the lowest validation loss so far, and how many validations have passed since. A
/// class, because it owns them.
final class BestWeights {
    /// Validations without a lower loss after which training is over.
    let patience: Int
    let weights: FloatBuffer
    /// Infinite before the first validation.
    var loss = Double.infinity
    /// The step of the lowest loss.
    var step = 0
    /// Validations since.
    var waited = 0

    init(patience: Int, count: Int) {
        self.patience = patience
        weights = FloatBuffer(count: count)
    }

    /// Compares a loss with the lowest one; equal is not lower.
    func add(_ loss: Double, of weights: FloatBuffer, step: Int) {
        guard loss < self.loss else {
            waited += 1
            return
        }
        (self.loss, self.step, waited) = (loss, step, 0)
        self.weights.pointer.update(from: weights.pointer, count: weights.count)
    }
}
