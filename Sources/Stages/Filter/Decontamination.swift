import Pipeline
import Reasoning

/// The option `ngram` of a filter with its input `test`: records that share a sequence of words with a test
/// question are left out.
struct Decontamination {
    private let index: NGramIndex?

    static let input = StageKind.Input(
        "test", .questions, isRequired: false,
        "Test questions that the records must not overlap with; requires `ngram`.")

    static let ngram = Option<Int?>(
        "ngram", in: 1...1000,
        "The number of consecutive words, ignoring case and punctuation, that a record must not share with a question of `test`. A shorter question must not occur in a text as a whole; a question of one word must not equal it. In scripts without blanks, every character is a word."
    )

    /// Throws if only one of the two is given.
    @Sendable static func check(_ settings: StageSettings) throws(OptionMistake) {
        let isGiven = settings.options[ngram] != nil
        let hasTest = settings.inputs["test"] != nil
        if isGiven, !hasTest {
            throw .missingInput(
                "test", for: .option("ngram"),
                because: "`ngram` compares with its questions; set `ngram: null`")
        }
        if hasTest, !isGiven { throw .unusedInput("test", option: "ngram") }
    }

    init(_ context: StageContext) throws {
        index =
            if let test = context.input("test"), let length = context[Self.ngram] {
                NGramIndex(of: try JSONLines.read(Question.self, in: test), length: length)
            } else {
                nil
            }
    }

    /// Why the first of `texts` that overlaps with a test question is left out; `nil` if none overlaps.
    func reason(_ texts: String...) -> String? {
        guard let index else { return nil }
        for text in texts {
            if let (ngram, question) = index.overlap(with: text) {
                return "words of the test question \(question): \(ngram)"
            }
        }
        return nil
    }
}
