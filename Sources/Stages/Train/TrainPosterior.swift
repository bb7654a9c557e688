import Pipeline
import Reasoning

/// `train.posterior`: trains a posterior by forward KL to the true posterior (Eq. 9), which is weighted
/// fine-tuning of q on traces, given question and hint. The loss covers the trace with its end mark.
struct TrainPosterior: Stage {
    static let kind = StageKind(
        name: "train.posterior", version: 3,
        summary: "Trains a posterior q(z|x,y') by forward KL on weighted traces.",
        inputs: FineTuning.inputs,
        outputs: [.init("model", .model, "The posterior, q.")],
        options: FineTuning.options, alternatives: [["steps", "epochs"]],
        checks: FineTuning.checks,
        work: { FineTuning.work($0, on: $0["data"]) })

    func run(in context: StageContext) async throws {
        try FineTuning(context).run(FineTuning.posteriorTexts)
    }
}
