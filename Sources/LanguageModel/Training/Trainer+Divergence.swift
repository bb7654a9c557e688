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
