import LanguageModel
import Pipeline
import Reasoning

/// `train.pretrain`: a base model from random weights, on generated text without demonstrations.
struct TrainPretrain: Stage {
    static let kind = StageKind(
        name: "train.pretrain", version: 3,
        summary: "Trains a base model from random weights on a task's generated text.",
        outputs: [.init("model", .model, "The base model.")],
        options: [
            .init(
                "corpus", .choice(ReasoningTasks.all.map { $0.name }),
                default: .text(Countdown.name),
                "What the text is about."),
            .init(
                "mixture", .list(.number(0...1)),
                default: .null,
                "Shares of the corpus's kinds of documents; without it those that the task recommends. For countdown: hinted search, search, chain to expression, expression to chain. For modular: hinted search, search, rewriting."
            ),
            .init(
                "hidden_size", .integer(2...65_536), default: .integer(96),
                "Width of the residual stream."),
            .init("layers", .integer(1...1000), default: .integer(3), "Blocks."),
            .init("heads", .integer(1...1024), default: .integer(4), "Query heads."),
            .init(
                "key_value_heads", .integer(1...1024), default: .integer(4), "Key and value heads."),
            .init("head_size", .integer(2...1024), default: .integer(24), "Width of one head."),
            .init(
                "intermediate_size", .integer(1...1_000_000), default: .integer(256),
                "Width of the feed-forward layer."),
        ] + TrainingLoop.options(batch: 32, rate: 2.5e-3))

    func run(in context: StageContext) async throws {
        let options = context.options
        guard let task = ReasoningTasks.named(options.text("corpus")) else {
            preconditionFailure("the pipeline language lets no other corpus through")
        }
        let tokenizer = Tokenizer(words: task.vocabulary, special: Set(WordFormat.marks))
        let end = try tokenizer.encode(WordFormat.answerEnd)
        let configuration = ModelConfiguration(
            vocabularySize: tokenizer.vocabularySize,
            hiddenSize: options.integer("hidden_size"),
            intermediateSize: options.integer("intermediate_size"),
            layers: options.integer("layers"), heads: options.integer("heads"),
            keyValueHeads: options.integer("key_value_heads"),
            headSize: options.integer("head_size"), contextLength: task.sequenceLimit,
            endTokens: end)
        // Drawing the weights of a large model takes a while.
        try Trainer.checkMemory(configuration)
        let transformer = try Transformer(configuration)
        let seed = options.integer("seed")
        transformer.initialize(seed: UInt64(seed))
        let mixture =
            options.isGiven("mixture") ? options.numbers("mixture") : task.standardMixture
        let batch = options.integer("batch")
        try TrainingLoop(context, transformer, tokenizer).run { numbers in
            let documents = numbers.lowerBound * batch..<numbers.upperBound * batch
            let supervised = Double(documents.count * (task.documentLength - 1))
            let sequences = try documents.map { number in
                let text = try task.document(number, seed: seed, mixture: mixture)
                return TrainingSequence(
                    tokens: try tokenizer.encode(text), from: 1, weight: Float(1 / supervised))
            }
            return TrainingBatch(sequences: sequences, supervised: 1) {
                "document \(documents.lowerBound + $0)"
            }
        }
    }
}
