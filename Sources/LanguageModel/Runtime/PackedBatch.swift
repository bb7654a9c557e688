/// Token sequences in one array without padding: the input of one forward pass.
struct PackedBatch {
    /// The tokens of all sequences without their last ones, which predict nothing.
    private(set) var tokens: [Int32] = []
    private(set) var positions: [Int32] = []
    /// The start and length of each sequence in `tokens`.
    private(set) var segments: [(start: Int, length: Int)] = []
    /// The rows of `tokens` whose next token is predicted, in ascending order.
    private(set) var rows: [Int32] = []
    /// The predicted token of each row.
    private(set) var targets: [Int32] = []
    /// The coefficient of -log p of each row.
    private(set) var coefficients: [Float] = []
    /// The weight of the entropy of each row; empty if all are 0.
    private(set) var entropyWeights: [Float] = []

    /// Appends a sequence. The tokens that its loss depends on are predicted.
    mutating func append(_ sequence: TrainingSequence) {
        let weights = sequence.entropyWeights
        func weight(_ t: Int) -> Float { weights.isEmpty ? 0 : weights[t] }
        let before = rows.count
        append(sequence.tokens) { t in
            sequence.coefficients[t] == 0 && weight(t) == 0 ? nil : sequence.coefficients[t]
        }
        guard !weights.isEmpty || !entropyWeights.isEmpty else { return }
        entropyWeights += [Float](repeating: 0, count: before - entropyWeights.count)
        let start = segments[segments.count - 1].start
        entropyWeights += rows[before...].map { weight(Int($0) - start + 1) }
    }

    /// Appends a sequence of at least two tokens. `coefficient(t)` is `nil` if token t is not predicted.
    mutating func append(_ sequence: [Int32], coefficient: (Int) -> Float?) {
        let start = tokens.count
        segments.append((start, sequence.count - 1))
        tokens.append(contentsOf: sequence.dropLast())
        for t in 1..<sequence.count {
            positions.append(Int32(t - 1))
            guard let value = coefficient(t) else { continue }
            rows.append(Int32(start + t - 1))
            targets.append(sequence[t])
            coefficients.append(value)
        }
    }
}
