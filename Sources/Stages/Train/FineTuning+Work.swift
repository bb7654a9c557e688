import Pipeline

extension FineTuning {
    /// The work of training on `data`. `wholeSteps` says that the batches of a step are of one epoch.
    static func work(
        _ settings: WorkSettings, on data: ArtifactSize, wholeSteps: Bool = false
    ) -> StageWork {
        let options = settings.options
        var (batch, accumulate) = (options[TrainingLoop.batch], options[TrainingLoop.accumulate])
        if wholeSteps { (batch, accumulate) = (batch * accumulate, 1) }
        let unit = options[batchUnit]
        var steps = Amount(options[TrainingLoop.steps.orAlternative])
        // How many examples a question has is not known.
        var sequences =
            unit == .question ? .unknown : steps * Amount(batch) * Amount(accumulate)
        if let epochs = options[TrainingLoop.epochs] {
            sequences = Amount(epochs) * data.rows
            let rows = unit == .example ? data.rows.value.flatMap { Int(exactly: $0) } : nil
            let batches = rows.map { DataOrder.batches(of: $0, batch: batch, epochs: epochs) }
            steps = Amount(batches.map { ($0 + accumulate - 1) / accumulate })
            if unit == .draw || unit == .question && epochs != epochs.rounded() {
                sequences = .unknown
            }
        }
        var tokens = data.tokens / data.rows
        if let cutoff = options[EncodedExamples.cutoff] { tokens = tokens.atMost(Amount(cutoff)) }
        let parameters = settings["model"].parameters
        return StageWork(
            outputs: ["model": ArtifactSize(parameters: parameters)], parameters: parameters,
            trained: sequences * tokens, steps: steps)
    }
}
