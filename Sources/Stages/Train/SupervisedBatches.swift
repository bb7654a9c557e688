import Pipeline

/// The steps of a supervised training: the examples of each, and the divisor of its loss.
struct SupervisedBatches {
    /// What an optimizer step learns from.
    struct Step {
        /// The indices, from 0, of its examples.
        let examples: [Int]

        /// The number of their tokens, with prompts.
        let tokens: Int

        /// The number of their supervised tokens.
        let supervised: Int

        /// The divisor of the loss.
        let divisor: Double
    }

    /// The number of optimizer steps.
    let steps: Int

    private let sequences: [EncodedExamples.Sequence]
    private let groups: ExampleGroups
    private var order: DataOrder
    private let accumulate: Int

    /// The number of batches. The last step may have fewer batches than the others.
    private let batches: Int

    /// The divisor per group; `nil` if the number of supervised tokens is the divisor.
    private let tokensPerGroup: Double?

    /// The steps that the options of a training stage with `epochs` ask for; `normalizer` defaults to its option. Throws
    /// if nothing can be drawn of a question.
    init(
        _ data: EncodedExamples, _ options: Options, normalizer: FineTuning.Normalizer? = nil
    ) throws {
        sequences = data.sequences
        let seed = options[TrainingLoop.seed]
        groups = try ExampleGroups(
            data.examples, unit: options[FineTuning.batchUnit], seed: seed)
        let isConstant = (normalizer ?? options[FineTuning.normalizer]) == .constant
        tokensPerGroup = isConstant ? groups.meanTokens(sequences.map(\.supervised)) : nil
        order = DataOrder(
            lengths: groups.members.map { [sequences] in
                $0.map { sequences[$0].tokens.count }.max() ?? 0
            }, batch: options[TrainingLoop.batch], seed: seed)
        let accumulate = options[TrainingLoop.accumulate]
        let passes = options[TrainingLoop.epochs].map { [order] in order.batches(epochs: $0) }
        steps =
            passes.map { ($0 + accumulate - 1) / accumulate }
            ?? options[TrainingLoop.steps]
        batches = passes ?? steps * accumulate
        self.accumulate = accumulate
    }

    /// A step, from 0.
    mutating func step(_ number: Int) -> Step {
        let first = number * accumulate
        var examples: [Int] = []
        var count = 0
        for batch in first..<min(first + accumulate, batches) {
            let members = order.indices(batch: batch)
            count += members.count
            let epoch = batch / order.batchesInEpoch
            examples += members.flatMap { groups.examples(of: $0, epoch: epoch) }
        }
        let supervised = examples.reduce(0) { $0 + sequences[$1].supervised }
        return Step(
            examples: examples, tokens: examples.reduce(0) { $0 + sequences[$1].tokens.count },
            supervised: supervised,
            divisor: tokensPerGroup.map { Double(count) * $0 } ?? Double(supervised))
    }

    /// The factor of the loss of an example in each step that it is in.
    func factor(of example: Int) -> Float { Float(groups.factors[example]) }
}
