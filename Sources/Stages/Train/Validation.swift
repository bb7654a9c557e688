import LanguageModel

/// Examples that training does not learn from, to measure the loss on.
struct Validation {
    /// The coefficient of all tokens of a sequence is its weight.
    let sequences: [TrainingSequence]

    /// The first supervised token of each sequence.
    let starts: [Int]

    /// The number of sequences whose losses are computed at a time.
    private static let portion = 64

    /// The loss per supervised token, as the training loss is reported. Throws `TrainingError` if the loss of an
    /// example is not finite, and `CancellationError` soon after `isCancelled` returns true.
    func loss(
        of model: Transformer, after step: Int, threads: Int, isCancelled: () -> Bool
    ) throws -> Double {
        let scorer = try Scorer(model, threads: threads)
        var (sum, tokens) = (0.0, 0)
        for first in stride(from: 0, to: sequences.count, by: Self.portion) {
            if first > 0, isCancelled() { throw CancellationError() }
            let range = first..<min(first + Self.portion, sequences.count)
            let scores = try scorer.logProbabilities(
                of: sequences[range].map(\.tokens), from: Array(starts[range]))
            for (index, values) in zip(range, scores) {
                let weight = Double(sequences[index].coefficients[starts[index]])
                let loss = values.reduce(0.0) { $0 - weight * Double($1) }
                guard loss.isFinite else {
                    throw TrainingError.validation(step: step, example: index)
                }
                sum += loss
                tokens += values.count
            }
        }
        return sum / Double(max(1, tokens))
    }
}
