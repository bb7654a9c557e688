import Pipeline

extension FineTuning {
    /// The work of training on `data`.
    static func work(_ settings: WorkSettings, on data: ArtifactSize) -> StageWork {
        let options = settings.options
        let (batch, accumulate) = (options[TrainingLoop.batch], options[TrainingLoop.accumulate])
        var steps = Amount(options[TrainingLoop.steps.orAlternative])
        var sequences = steps * Amount(batch) * Amount(accumulate)
        if let epochs = options[TrainingLoop.epochs] {
            sequences = Amount(epochs) * data.rows
            let batches = data.rows.value.flatMap { Int(exactly: $0) }.map {
                DataOrder.batches(of: $0, batch: batch, epochs: epochs)
            }
            steps = Amount(batches.map { ($0 + accumulate - 1) / accumulate })
        }
        var tokens = data.tokens / data.rows
        if let cutoff = options[EncodedExamples.cutoff] { tokens = tokens.atMost(Amount(cutoff)) }
        let parameters = settings["model"].parameters
        return StageWork(
            outputs: ["model": ArtifactSize(parameters: parameters)], parameters: parameters,
            trained: sequences * tokens, steps: steps)
    }
}
