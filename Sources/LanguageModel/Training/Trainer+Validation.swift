extension Trainer {
    /// Calls `body` with the model that training would give if it ended now, but for a better one before:
    /// with `averaging`, the model has the averaged weights meanwhile.
    public func withCandidate<Result>(
        _ body: (Transformer) throws -> Result
    ) rethrows -> Result {
        average?.swap(with: model.parameters, threads: threads)
        defer { average?.swap(with: model.parameters, threads: threads) }
        return try body(model)
    }

    /// Records the validation loss of the candidate after the current step.
    public func record(validationLoss loss: Double) {
        lastValidation = steps
        best?.add(loss, of: average?.weights ?? model.parameters, step: steps)
    }

    /// Whether `patience` validations in a row brought no lower loss.
    public var hasStalled: Bool { best.map { $0.waited >= $0.patience } ?? false }

    /// The step of the lowest validation loss; `nil` without `patience`, or before a validation.
    public var bestStep: Int? { best.flatMap { $0.loss < .infinity ? $0.step : nil } }

    /// Ends training: the model gets the weights that training gives, which are those of the lowest
    /// validation loss with `patience`, else the averaged ones with `averaging`, else those it has.
    public func finish() {
        guard let weights = bestStep == nil ? average?.weights : best?.weights else { return }
        model.parameters.pointer.update(from: weights.pointer, count: weights.count)
    }
}

extension Trainer {
    /// What to say of a step on `sequences` whose loss or gradient is not finite: looks for the sequences
    /// of which that is true alone, by halves. The weights stay as they are.
    func divergence(on sequences: [TrainingSequence], loss: Double) throws -> LanguageModelError {
        .divergence(
            step: steps + 1, quantity: loss.isFinite ? .gradient : .loss,
            sequences: try divergent(sequences, in: 0..<sequences.count))
    }

    private func divergent(_ sequences: [TrainingSequence], in range: Range<Int>) throws -> [Int] {
        let loss = try accumulate(Array(sequences[range]))
        guard !loss.isFinite || !gradientNorm().isFinite else { return [] }
        guard range.count > 1 else { return Array(range) }
        let middle = (range.lowerBound + range.upperBound) / 2
        return try divergent(sequences, in: range.lowerBound..<middle)
            + divergent(sequences, in: middle..<range.upperBound)
    }
}
