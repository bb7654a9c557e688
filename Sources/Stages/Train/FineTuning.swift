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

    static let options =
        TrainingLoop.options(rate: 1e-3, hasEpochs: true)
        + TrainingLoop.validationOptions + [
            normalizer, LoadedModel.format,
        ]

    /// The prompt of an example and the texts after it. Each is tokenized separately, so that the tokens are
    /// those that scoring uses.
    typealias Texts = (Example, TraceFormat) throws -> [String]

    /// A tokenized example, supervised from `start` on.
    private struct Encoded {
        let tokens: [Int32]
        let start: Int
        let weight: Float
        var supervised: Int { tokens.count - start }
    }

    /// The indices, from 0, of the examples of a step: one line of `batches.jsonl`.
    private struct LearntBatch: Encodable {
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

    private let context: StageContext
    private let data: String

    /// Trains on the examples in the directory `data`, by default those of the input `data`.
    init(_ context: StageContext, data: String? = nil) {
        self.context = context
        self.data = data ?? context.required("data")
    }

    func run(_ texts: Texts) throws {
        let options = context.options
        let model = try LoadedModel(of: context)
        let (examples, encoded) = try read("data", data, model, texts)
        let validation = try context.input("validation").map { directory in
            let (_, encoded) = try read("validation", directory, model, texts)
            return Validation(
                sequences: encoded.map {
                    TrainingSequence(tokens: $0.tokens, from: $0.start, weight: $0.weight)
                }, starts: encoded.map(\.start))
        }
        let supervised = encoded.reduce(0) { $0 + $1.supervised }
        let mean = Double(supervised) / Double(encoded.count)
        let batch = options[TrainingLoop.batch]
        let isConstant = options[Self.normalizer] == .constant
        var order = DataOrder(
            lengths: encoded.map(\.tokens.count), batch: batch, seed: options[TrainingLoop.seed])
        let accumulate = options[TrainingLoop.accumulate]
        // The last step may have fewer batches than the others.
        let passes =
            options[TrainingLoop.epochs].map { order.batches(epochs: $0) }
        let steps = passes.map { ($0 + accumulate - 1) / accumulate } ?? options[TrainingLoop.steps]
        let last = passes ?? steps * accumulate
        func indices(_ numbers: Range<Int>) -> [Int] {
            numbers.prefix { $0 < last }.flatMap { order.indices(batch: $0) }
        }
        let taken = try TrainingLoop(
            context, model.transformer, model.tokenizer, steps: steps, validation: validation
        ).run { numbers in
            let indices = indices(numbers)
            let members = indices.map { encoded[$0] }
            let tokens = Double(members.reduce(0) { $0 + $1.supervised })
            let divisor = isConstant ? Double(members.count) * mean : tokens
            let sequences = members.map {
                TrainingSequence(
                    tokens: $0.tokens, from: $0.start, weight: $0.weight / Float(divisor))
            }
            return TrainingBatch(sequences: sequences, supervised: tokens / divisor) {
                "example \(indices[$0]) (question \(examples[indices[$0]].question))"
            }
        }
        let batches = (0..<taken).map { step in
            LearntBatch(
                step: step + 1, examples: indices(step * accumulate..<(step + 1) * accumulate))
        }
        try JSONLines.write(batches, to: context.output("model") + "/batches.jsonl")
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

    /// The examples of an input. Throws if there are none, or if one does not fit the model.
    private func read(
        _ input: String, _ directory: String, _ model: LoadedModel,
        _ texts: Texts
    ) throws -> ([Example], [Encoded]) {
        let examples = try JSONLines.read(Example.self, in: directory)
        guard !examples.isEmpty else { throw StageError.empty("examples", input: input) }
        let encoded = try examples.map { example in
            let parts = try texts(example, model.format).map { try model.tokenizer.encode($0) }
            let tokens = Array(parts.joined())
            let limit = model.transformer.configuration.contextLength
            guard tokens.count <= limit else {
                throw StageError.tooLong(
                    question: example.question, tokens: tokens.count, limit: limit)
            }
            return Encoded(
                tokens: tokens, start: parts[0].count, weight: Float(example.weight))
        }
        return (examples, encoded)
    }
}
