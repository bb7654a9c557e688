import Pipeline

/// The steps of a supervised training: the examples of each, and the divisor of its loss.
struct SupervisedBatches {
    /// The number of optimizer steps.
    let steps: Int

    private let sequences: [EncodedExamples.Sequence]
    private var order: DataOrder
    private let accumulate: Int

    /// The number of batches. The last step may have fewer batches than the others.
    private let batches: Int

    /// The divisor per example; `nil` if the number of supervised tokens is the divisor.
    private let tokensPerExample: Double?

    /// The steps that the options of a training stage with `epochs` ask for; `normalizer` defaults to its option.
    init(
        _ data: EncodedExamples, _ options: Options, normalizer: FineTuning.Normalizer? = nil
    ) {
        sequences = data.sequences
        let supervised = sequences.reduce(0) { $0 + $1.supervised }
        let isConstant = (normalizer ?? options[FineTuning.normalizer]) == .constant
        tokensPerExample = isConstant ? Double(supervised) / Double(sequences.count) : nil
        order = DataOrder(
            lengths: sequences.map(\.tokens.count), batch: options[TrainingLoop.batch],
            seed: options[TrainingLoop.seed])
        let accumulate = options[TrainingLoop.accumulate]
        let passes = options[TrainingLoop.epochs].map { [order] in order.batches(epochs: $0) }
        steps =
            passes.map { ($0 + accumulate - 1) / accumulate }
            ?? options[TrainingLoop.steps]
        batches = passes ?? steps * accumulate
        self.accumulate = accumulate
    }

    /// The indices, from 0, of the examples of a step, from 0.
    mutating func examples(of step: Int) -> [Int] {
        let first = step * accumulate
        return (first..<min(first + accumulate, batches)).flatMap { order.indices(batch: $0) }
    }

    /// The number of supervised tokens of examples.
    func tokens(of examples: [Int]) -> Int {
        examples.reduce(0) { $0 + sequences[$1].supervised }
    }

    /// The divisor of the loss of a step with these examples.
    func divisor(of examples: [Int]) -> Double {
        tokensPerExample.map { Double(examples.count) * $0 } ?? Double(tokens(of: examples))
    }
}
