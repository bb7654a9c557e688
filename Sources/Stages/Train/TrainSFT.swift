import Pipeline

/// `train.sft`: fine-tunes a model on traces and answers. The loss of each example is multiplied by its weight.
struct TrainSFT: Stage {
    static let kind = StageKind(
        name: "train.sft", version: 3,
        summary: "Fine-tunes a model on traces and answers, weighted by example.",
        inputs: FineTuning.inputs,
        outputs: [.init("model", .model, "The fine-tuned model, pi.")],
        options: FineTuning.options, alternatives: [["steps", "epochs"]],
        checks: FineTuning.checks,
        work: { FineTuning.work($0, on: $0["data"]) })

    func run(in context: StageContext) async throws {
        try FineTuning(context).run(FineTuning.priorTexts)
    }
}
