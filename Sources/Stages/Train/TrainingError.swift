import Pipeline

/// A failure of a stage that trains a model or a tokenizer.
enum TrainingError: LastingError, CustomStringConvertible, Hashable {
    case tooManyMinibatches(Int, batch: Int)
    case longWarmup(Int, steps: Int)
    case uncounted(option: String, needs: String)
    case divergence(step: Int, quantity: String, batch: [String], alone: [String])
    case validation(step: Int, example: Int)
    case badSpecialToken(String, reason: String)
    case smallVocabulary(Int, least: Int)
    case noTexts

    var description: String {
        switch self {
        case .tooManyMinibatches(let count, let batch):
            "`minibatches` is \(count), but a batch has only \(batch) questions: lower it, or raise `batch`"
        case .longWarmup(let warmup, let steps):
            "the warm-up of \(warmup) steps is longer than the training of \(steps): the highest rate is never reached; lower `warmup`, or train longer"
        case .uncounted(let option, let other):
            "`\(option)` requires `\(other)`: set `\(other)`, or `\(option): 0`"
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
        case .badSpecialToken(let token, let reason):
            "`special_tokens` has '\(token)', but \(reason)"
        case .smallVocabulary(let size, let least):
            "`vocabulary_size` is \(size), but the bytes and special tokens alone are \(least)"
        case .noTexts:
            "there is no text to learn from: give `questions`, `data` or `files` that contain words"
        }
    }

    var isLasting: Bool { true }
}
