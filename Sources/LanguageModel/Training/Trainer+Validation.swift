extension Trainer {
    /// Calls `body` with the model that training would produce if it ended now, ignoring earlier better
    /// weights. With `averaging`, the model has the averaged weights during the call.
    public func withCandidate<Result>(
        _ body: (Transformer) throws -> Result
    ) rethrows -> Result {
        average?.swap(with: model.parameters, threads: threads)
        defer { average?.swap(with: model.parameters, threads: threads) }
        return try body(model)
    }

    /// Records the validation loss of the candidate at the current step.
    public func record(validationLoss loss: Double) {
        lastValidation = steps
        best?.add(loss, of: average?.weights ?? model.parameters, step: steps)
    }

    /// Whether the last `patience` validations did not lower the loss.
    public var hasStalled: Bool { best.map { $0.waited >= $0.patience } ?? false }

    /// The step with the lowest validation loss; `nil` without `patience`, or before a validation.
    public var bestStep: Int? { best.flatMap { $0.loss < .infinity ? $0.step : nil } }

    /// Ends training and sets the final weights of the model: those with the lowest validation loss if
    /// `patience` is set, otherwise the averaged ones if `averaging` is set, otherwise the current ones.
    public func finish() {
        guard let weights = bestStep == nil ? average?.weights : best?.weights else { return }
        model.parameters.pointer.update(from: weights.pointer, count: weights.count)
    }
}

extension Trainer {
    /// The error for a step on `sequences` whose loss or gradient is not finite. Finds the sequences for which
    /// this holds on their own by bisection. The weights stay unchanged.
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
