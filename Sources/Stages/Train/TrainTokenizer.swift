import Files
import Foundation
import LanguageModel
import Pipeline
import Reasoning

/// `train.tokenizer`: trains a byte-level byte pair encoding on texts.
struct TrainTokenizer: Stage {
    static let files = Option<[String]>(
        "files", each: .file, "Text files. Each line, with its line end, is a text.")
    static let vocabularySize = Option(
        "vocabulary_size", in: 256...1_000_000, default: 8192,
        "The total number of tokens, including the 256 bytes and the special tokens; fewer if pairs are too rare."
    )
    static let specialTokens = Option<[String]>(
        "special_tokens", default: ["<|endoftext|>"],
        "Texts that become tokens of their own and represent no text.")
    static let minFrequency = Option(
        "min_frequency", in: 1...1_000_000_000, default: 2,
        "How often a pair of tokens must occur in the texts to be merged.")

    static let kind = StageKind(
        name: "train.tokenizer", version: 1,
        summary: "Trains a byte-level BPE tokenizer on texts.",
        inputs: [
            .init(
                "questions", .questions, isRequired: false, isGathered: true,
                "Questions whose texts and answers are read."),
            .init(
                "data", .dataset, isRequired: false, isGathered: true,
                "Examples whose questions, traces and answers are read."),
        ],
        outputs: [.init("tokenizer", .tokenizer, "The tokenizer.")],
        options: [
            files,
            vocabularySize,
            specialTokens,
            minFrequency,
        ], checks: [check], work: { _ in StageWork() })

    @Sendable private static func check(_ settings: StageSettings) throws(OptionMistake) {
        let options = settings.options
        let special = options[specialTokens]
        if let token = special.first(where: { $0.utf8.count < 2 }) {
            throw .badSpecialToken(token, reason: "it must have two characters or more")
        }
        var seen: Set<String> = []
        if let token = special.first(where: { !seen.insert($0).inserted }) {
            throw .badSpecialToken(token, reason: "it occurs twice")
        }
        let size = options[vocabularySize]
        guard size >= 256 + special.count else {
            throw .smallVocabulary(size, least: 256 + special.count)
        }
        if options[files].isEmpty, settings.inputs.isEmpty { throw .noTexts }
    }

    func run(in context: StageContext) async throws {
        let options = context.options
        let special = options[Self.specialTokens]
        let size = options[Self.vocabularySize]
        var trainer = BytePairTrainer(
            vocabularySize: size, special: special,
            minimumFrequency: options[Self.minFrequency])
        try forEachText(in: context) { text in
            if context.isCancelled() { throw CancellationError() }
            trainer.add(text)
        }
        guard trainer.wordCount > 0 else { throw OptionMistake.noTexts }
        context.emit(.metric(name: "words", step: 0, value: Double(trainer.wordCount)))
        let tokenizer = try trainer.tokenizer { tokens in
            if context.isCancelled() { throw CancellationError() }
            context.emit(.progress(done: tokens, total: size, unit: "token"))
        }
        context.emit(.metric(name: "tokens", step: 0, value: Double(tokenizer.vocabularySize)))
        try tokenizer.write(to: context.output("tokenizer") + "/tokenizer.json")
    }

    private func forEachText(
        in context: StageContext, _ body: (String) throws -> Void
    ) throws {
        for directory in context.inputs["questions"] ?? [] {
            for question in try JSONLines.read(Question.self, in: directory) {
                try body(question.text)
                if let answer = question.answer { try body(answer) }
            }
        }
        for directory in context.inputs["data"] ?? [] {
            for example in try JSONLines.read(Example.self, in: directory) {
                for text in [example.text, example.trace, example.answer] { try body(text) }
            }
        }
        for path in context[Self.files] {
            var lines = try LineReader<StageError>(path, keepingEnds: true)
            while let line = try lines.next() { try body(String(decoding: line, as: UTF8.self)) }
        }
    }
}
