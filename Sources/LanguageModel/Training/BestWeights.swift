/// The weights with the lowest validation loss so far, and the number of validations since. A class, because it
/// owns them.
final class BestWeights {
    /// The number of validations without a lower loss after which training ends.
    let patience: Int
    let weights: FloatBuffer
    /// The lowest loss; infinite before the first validation.
    var loss = Double.infinity
    /// The step of the lowest loss.
    var step = 0
    /// The number of validations since the lowest loss.
    var waited = 0

    init(patience: Int, count: Int) {
        self.patience = patience
        weights = FloatBuffer(count: count)
    }

    /// Records a loss. An equal loss does not count as lower.
    func add(_ loss: Double, of weights: FloatBuffer, step: Int) {
        guard loss < self.loss else {
            waited += 1
            return
        }
        (self.loss, self.step, waited) = (loss, step, 0)
        self.weights.pointer.update(from: weights.pointer, count: weights.count)
    }
}
