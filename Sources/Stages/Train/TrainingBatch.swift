import LanguageModel

/// What one optimizer step learns from.
struct TrainingBatch {
    let sequences: [TrainingSequence]

    /// What the step's loss is divided by to be a mean per supervised token.
    let supervised: Double

    /// What a sequence is, for people: `example 3 (question q17)`.
    let name: (Int) -> String
}
