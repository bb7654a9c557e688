import Pipeline

/// A failure of a stage that trains a model or a tokenizer.
enum TrainingError: LastingError, CustomStringConvertible, Hashable {
    case divergence(step: Int, quantity: String, batch: [String], alone: [String])
    case validation(step: Int, example: Int)
    case undrawable(question: String)

    var description: String {
        switch self {
        case .divergence(let step, let quantity, let batch, let alone):
            "training diverged at step \(step): the \(quantity) is not finite"
                + (alone.isEmpty
                    ? " for the batch, although it is for each alone of"
                    : ", even for \(MessageText.list(alone)) alone, in the batch of")
                + " \(MessageText.list(batch)): "
                + (alone.isEmpty || alone.count == batch.count
                    ? "lower the learning rate"
                    : "check its content, or lower the learning rate")
        case .validation(let step, let example):
            "the loss of example \(example) of `validation` is not finite after step \(step): lower the learning rate"
        case .undrawable(let question):
            "no example of the question \(question) can be drawn: with `batch_unit: draw` no weight may be below 0, and one of each question must be above 0; use `batch_unit: question`, or leave the question out"
        }
    }

    var isLasting: Bool { true }
}
