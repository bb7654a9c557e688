import Pipeline

extension ArtifactSize {
    /// The estimated bytes of an artifact of a type before compression: those of a record without its texts, of a token
    /// as text (with its number in traces), and of a parameter in single precision.
    func bytes(of type: ArtifactType) -> Amount {
        switch type {
        case .model: parameters * 4
        case .questions: rows * 500
        case .dataset: rows * 1_000 + tokens * 5
        case .traces: rows * 200 + tokens * 12
        case .answers: rows * 150 + tokens * 5
        case .rollouts, .evaluation: rows * 250 + tokens * 5
        case .scores, .weights, .summaries: rows * 300
        case .verdicts: rows * 150
        case .overlap: rows * 80
        case .tokenizer, .gradients, .claims, .selection: 0
        case .files: .unknown
        }
    }
}
