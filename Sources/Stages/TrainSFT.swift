import LanguageModel
import Pipeline
import Reasoning

/// `train.sft`: fine-tuning on traces and answers, each example's loss multiplied by its weight.
struct TrainSFT: Stage {
    static let kind = StageKind(
        name: "train.sft", version: 1,
        summary: "Fine-tunes a model on traces and answers, weighted by example.",
        inputs: FineTuning.inputs,
        outputs: [.init("model", .model, "The fine-tuned model, pi.")],
        options: FineTuning.options)

    func run(in context: StageContext) async throws {
        try FineTuning(context).run { example in
            let prompt = Countdown.priorPrompt(example.text)
            let target =
                Countdown.traceTarget(example.trace) + " " + Countdown.answerTarget(example.answer)
            return (prompt, target)
        }
    }
}

/// `train.posterior`: forward KL to the true posterior (equation 9), which is weighted fine-tuning of q
/// on traces given question and hint. The loss covers the trace and its end marker.
struct TrainPosterior: Stage {
    static let kind = StageKind(
        name: "train.posterior", version: 1,
        summary: "Trains a posterior q(z|x,y') by forward KL on weighted traces.",
        inputs: FineTuning.inputs,
        outputs: [.init("model", .model, "The posterior, q.")],
        options: FineTuning.options)

    func run(in context: StageContext) async throws {
        try FineTuning(context).run { example in
            let prompt = Countdown.posteriorPrompt(example.text, hint: example.answer)
            return (prompt, Countdown.traceTarget(example.trace))
        }
    }
}

/// Supervised training of a model on a data set of examples.
struct FineTuning {
    static let inputs: [StageKind.Input] = [
        .init("model", .model, "Where the weights start."),
        .init("data", .dataset, "Examples with traces, answers and weights."),
    ]

    static let options =
        SupervisedTraining.options(steps: nil, batch: 32, rate: 1e-3) + [
            .init(
                "normalizer", .choice(["constant", "tokens"]), default: .text("constant"),
                "What the loss is divided by: the data's mean supervised length a sequence (Dr. SFT), or the batch's supervised tokens."
            )
        ]

    let context: StageContext

    init(_ context: StageContext) { self.context = context }

    func run(_ texts: (Example) -> (prompt: String, target: String)) throws {
        let model = try LoadedModel(context.required("model"))
        let examples = try Artifact.examples(context.required("data"))
        guard !examples.isEmpty else { throw StageError.empty("examples", input: "data") }
        let encoded = try examples.map { example in
            let (prompt, target) = texts(example)
            let start = try model.tokenizer.encode(prompt)
            let tokens = start + (try model.tokenizer.encode(target))
            let limit = model.transformer.configuration.contextLength
            guard tokens.count <= limit else {
                throw StageError.tooLong(
                    question: example.question, tokens: tokens.count, limit: limit)
            }
            return (tokens: tokens, start: start.count, weight: Float(example.weight))
        }
        let supervised = encoded.reduce(0) { $0 + $1.tokens.count - $1.start }
        let mean = Double(supervised) / Double(encoded.count)
        let batch = context.options.integer("batch")
        let isConstant = context.options.text("normalizer") == "constant"
        let order = DataOrder(
            lengths: encoded.map(\.tokens.count), batch: batch,
            seed: context.options.integer("seed"))
        try SupervisedTraining(context, model.transformer, model.tokenizer).run { step in
            let members = order.indices(step: step).map { encoded[$0] }
            let tokens = Double(members.reduce(0) { $0 + $1.tokens.count - $1.start })
            let divisor = isConstant ? Double(batch) * mean : tokens
            let sequences = members.map {
                TrainingSequence(
                    tokens: $0.tokens, from: $0.start, weight: $0.weight / Float(divisor))
            }
            return (sequences, tokens / divisor)
        }
    }
}
