import LanguageModel
import Pipeline
import Reasoning

/// `train.pretrain`: trains a base model from random weights on generated text without demonstrations.
struct TrainPretrain: Stage {
    static let corpus = Option(
        "corpus", of: ReasoningTasks.all.map { $0.name }, default: Countdown.name,
        "The task of the generated text.")
    static let mixture = Option<[Double]?>(
        "mixture", each: 0...1,
        "Shares of the kinds of documents in the corpus; by default those of the task. For countdown: hinted search, search, chain to expression, expression to chain. For modular: hinted search, search, rewriting."
    )
    static let hinted = Option<Double?>(
        "hinted", in: 0...1,
        "The share of documents with a hint, whose format is that of a posterior's input; the other kinds keep their proportions. By default as in `mixture`."
    )
    static let hiddenSize = Option(
        "hidden_size", in: 2...65_536, default: 96, "Width of the residual stream.")
    static let layers = Option("layers", in: 1...1000, default: 3, "Blocks.")
    static let heads = Option("heads", in: 1...1024, default: 4, "Query heads.")
    static let keyValueHeads = Option(
        "key_value_heads", in: 1...1024, default: 4, "Key and value heads.")
    static let headSize = Option("head_size", in: 2...1024, default: 24, "Width of one head.")
    static let intermediateSize = Option(
        "intermediate_size", in: 1...1_000_000, default: 256, "Width of the feed-forward layer.")

    static let kind = StageKind(
        name: "train.pretrain", version: 4,
        summary: "Trains a base model from random weights on a task's generated text.",
        inputs: [
            .init(
                "exclude", .questions, isRequired: false, isGathered: true,
                "Questions that no document contains, such as test questions: neither as a question nor as a calculation that solves it."
            ),
            .init(
                "audit", .questions, isRequired: false, isGathered: true,
                "Questions that are counted in the documents as those of `exclude` are, but not excluded."
            ),
        ],
        outputs: [
            .init("model", .model, "The base model."),
            .init(
                "overlap", .overlap,
                "How many documents contain each question of `exclude` and `audit`."),
        ],
        options: [
            corpus,
            mixture,
            hinted,
            hiddenSize,
            layers,
            heads,
            keyValueHeads,
            headSize,
            intermediateSize,
        ] + TrainingLoop.options(rate: 2.5e-3),
        checks: [TrainingLoop.check, checkMixture, checkShape], memory: memory, work: work)

    @Sendable private static func memory(_ options: Options, _ threads: Int) -> Int? {
        let task = task(options)
        let configuration = configuration(options, tokenizer(of: task))
        guard configuration.mistake == nil else { return nil }
        return MemoryPlan.training(configuration, longest: task.documentLength, threads: threads)
            .total
    }

    @Sendable private static func work(_ settings: WorkSettings) -> StageWork {
        let options = settings.options
        let task = task(options)
        let shape = configuration(options, tokenizer(of: task))
        let parameters =
            shape.mistake == nil ? Amount(ParameterLayout(shape).count) : Amount.unknown
        let steps = Amount(options[TrainingLoop.steps])
        let documents =
            steps * Amount(options[TrainingLoop.batch]) * Amount(options[TrainingLoop.accumulate])
        return StageWork(
            outputs: [
                "model": ArtifactSize(parameters: parameters),
                "overlap": ArtifactSize(rows: settings["exclude"].rows + settings["audit"].rows),
            ], parameters: parameters,
            trained: documents * Amount(task.documentLength), steps: steps)
    }

    @Sendable private static func checkMixture(_ settings: StageSettings) throws(OptionMistake) {
        let options = settings.options
        guard let mixture = options[mixture] else { return }
        guard options[hinted] == nil else { throw .hintedMixture }
        do throws(ReasoningError) {
            _ = try task(options).document(0, seed: 0, mixture: mixture)
        } catch {
            throw .badMixture(error)
        }
    }

    @Sendable private static func checkShape(_ settings: StageSettings) throws(OptionMistake) {
        let configuration = configuration(settings.options, tokenizer(of: task(settings.options)))
        guard let (field, reason) = configuration.mistake else { return }
        throw .badShape(option: optionsOfFields[field] ?? field, reason: reason)
    }

    /// The options that are fields of config.json under other names.
    private static let optionsOfFields = [
        "num_hidden_layers": "layers", "num_attention_heads": "heads",
        "num_key_value_heads": "key_value_heads", "head_dim": "head_size",
    ]

    private static func task(_ options: Options) -> any ReasoningTask.Type {
        guard let task = ReasoningTasks.named(options[corpus]) else {
            preconditionFailure("the pipeline language lets no other corpus through")
        }
        return task
    }

    private static func tokenizer(of task: any ReasoningTask.Type) -> Tokenizer {
        Tokenizer(words: task.vocabulary, special: Set(WordFormat.marks))
    }

    /// The shape of the model. Its end tokens are not set.
    private static func configuration(
        _ options: Options, _ tokenizer: Tokenizer
    ) -> ModelConfiguration {
        ModelConfiguration(
            vocabularySize: tokenizer.vocabularySize,
            hiddenSize: options[hiddenSize], intermediateSize: options[intermediateSize],
            layers: options[layers], heads: options[heads],
            keyValueHeads: options[keyValueHeads], headSize: options[headSize],
            contextLength: task(options).sequenceLimit)
    }

    func run(in context: StageContext) async throws {
        try Self.train(on: Self.task(context.options), in: context)
    }

    private static func train<Task: ReasoningTask>(
        on task: Task.Type, in context: StageContext
    ) throws {
        let options = context.options
        let tokenizer = tokenizer(of: task)
        var configuration = configuration(options, tokenizer)
        configuration.endTokens = try tokenizer.encode(WordFormat.answerEnd)
        // Check before the weights are drawn, which takes a while for a large model.
        try Trainer.checkMemory(configuration)
        let transformer = try Transformer(configuration)
        let seed = options[TrainingLoop.seed]
        let batch = options[TrainingLoop.batch]
        let excluded = try GeneratedQuestions.questions(of: task, input: "exclude", in: context)
        let audited = try GeneratedQuestions.questions(of: task, input: "audit", in: context)
        let text = PretrainingText<Task>(
            seed: seed,
            mixture: options[mixture] ?? options[hinted].map(task.mixture(hinted:))
                ?? task.standardMixture,
            excluded: try task.identities(of: excluded))
        let rows = try text.overlap(
            with: excluded + audited,
            count: options[TrainingLoop.steps] * batch * options[TrainingLoop.accumulate],
            in: context)
        try JSONLines.write(rows, in: context.output("overlap"))
        transformer.initialize(seed: UInt64(seed))
        let steps = try TrainingLoop(context, transformer, tokenizer).run { numbers in
            var exclusion = GeneratedExclusion(text.excluded)
            let documents = numbers.lowerBound * batch..<numbers.upperBound * batch
            let supervised = Double(documents.count * (task.documentLength - 1))
            let sequences = try documents.map { number in
                TrainingSequence(
                    tokens: try tokenizer.encode(try text.document(number, &exclusion)), from: 1,
                    weight: Float(1 / supervised))
            }
            return TrainingBatch(sequences: sequences, supervised: 1) {
                "document \(documents.lowerBound + $0)"
            }
        }
        let documents = steps * options[TrainingLoop.accumulate] * batch
        MeasuredWork(trained: documents * task.documentLength).report(in: context)
    }
}
