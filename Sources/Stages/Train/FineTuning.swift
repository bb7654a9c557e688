import LanguageModel
import Pipeline
import Reasoning

/// Supervised training of a model on a data set of examples.
struct FineTuning {
    static let inputs: [StageKind.Input] = [
        .init("model", .model, "The initial model."),
        .init("data", .dataset, "Examples with traces, answers and weights."),
        .init(
            "validation", .dataset, isRequired: false,
            "Examples to measure the loss on, at the end and every `evaluate_every` steps."),
    ]

    /// The divisor of the loss of a step.
    enum Normalizer: String, CaseIterable {
        case constant
        case tokens
    }

    static let normalizer = Option(
        "normalizer", Normalizer.self, default: .constant,
        "The divisor of the loss: the mean number of supervised tokens per sequence of the data (Dr. SFT), or the number of supervised tokens of the step."
    )

    static let batchUnit = Option(
        "batch_unit", ExampleGroups.Unit.self, default: .example,
        "What `batch` counts: examples; questions, each with all its examples, mixed-in demonstrations apart; or questions, of each of which one example is drawn every epoch in proportion to its weight."
    ).addedLater

    static let options =
        TrainingLoop.options(
            batch: TrainingLoop.batch.documented(
                "Sequences per batch, or questions, as `batch_unit` says."),
            rate: 1e-3, hasEpochs: true)
        + TrainingLoop.validationOptions + [
            batchUnit, normalizer, EncodedExamples.cutoff, LoadedModel.format,
        ]

    /// The indices, from 0, of the examples of a step: one line of `batches.jsonl`.
    struct LearntBatch: Encodable {
        let step: Int
        let examples: [Int]
    }

    /// The prompt of a question, the trace and the answer.
    static func priorTexts(_ example: Example, _ format: TraceFormat) throws -> [String] {
        [
            try format.priorPrompt(example.text), format.traceTarget(example.trace),
            format.answerTarget(example.answer),
        ]
    }

    /// The prompt of a question with its hint, and the trace.
    static func posteriorTexts(_ example: Example, _ format: TraceFormat) throws -> [String] {
        [
            try format.posteriorPrompt(example.text, hint: example.hint ?? example.answer),
            format.traceTarget(example.trace),
        ]
    }

    private let context: StageContext
    private let data: String

    /// Trains on the examples in the directory `data`, by default those of the input `data`.
    init(_ context: StageContext, data: String? = nil) {
        self.context = context
        self.data = data ?? context.required("data")
    }

    func run(_ texts: EncodedExamples.Texts) throws {
        let model = try LoadedModel(of: context)
        func read(_ input: String, _ directory: String) throws -> EncodedExamples {
            try EncodedExamples(
                input, directory, tokenizer: model.tokenizer, format: model.format,
                contextLength: model.transformer.configuration.contextLength,
                cutoff: context[EncodedExamples.cutoff], texts)
        }
        let data = try read("data", data)
        data.reportCut(in: context)
        let validation = try context.input("validation").map { directory in
            let sequences = try read("validation", directory).sequences
            return Validation(
                sequences: sequences.map {
                    TrainingSequence(tokens: $0.tokens, from: $0.start, weight: $0.weight)
                }, starts: sequences.map(\.start))
        }
        var batches = try SupervisedBatches(data, context.options)
        let accumulate = context[TrainingLoop.accumulate]
        let taken = try TrainingLoop(
            context, model.transformer, model.tokenizer, steps: batches.steps,
            validation: validation
        ).run { numbers in
            let step = batches.step(numbers.lowerBound / accumulate)
            let sequences = step.examples.map { index in
                let example = data.sequences[index]
                return TrainingSequence(
                    tokens: example.tokens, from: example.start,
                    weight: batches.factor(of: index) / Float(step.divisor))
            }
            return TrainingBatch(
                sequences: sequences, supervised: Double(step.supervised) / step.divisor
            ) { place in
                let index = step.examples[place]
                return "example \(index) (question \(data.examples[index].question))"
            }
        }
        let steps = (0..<taken).map { batches.step($0) }
        try JSONLines.write(
            steps.enumerated().map { LearntBatch(step: $0 + 1, examples: $1.examples) },
            to: context.output("model") + "/batches.jsonl")
        MeasuredWork(trained: steps.reduce(0) { $0 + $1.tokens }).report(in: context)
    }

    static let checks: [StageKind.Check] = [TrainingLoop.check, checkValidation]

    /// Checks options that require an input or each other.
    @Sendable private static func checkValidation(
        _ settings: StageSettings
    ) throws(OptionMistake) {
        let options = settings.options
        for option in [TrainingLoop.earlyStop, TrainingLoop.evaluateEvery]
        where options[option] > 0 && settings.inputs["validation"] == nil {
            throw .missingInput(
                "validation", for: .option(option.name),
                because: "`\(option.name)` depends on the loss on it; set `\(option.name): 0`")
        }
        if options[TrainingLoop.earlyStop] > 0, options[TrainingLoop.evaluateEvery] == 0 {
            throw .uncounted(option: "early_stop", needs: "evaluate_every")
        }
    }
}
