import Pipeline

/// The option `ngram` of a filter with its input `test`: what has a sequence of words of a test question is
/// left out.
struct Decontamination {
    private let index: NGramIndex?

    static let input = StageKind.Input(
        "test", .questions, isRequired: false,
        "Questions that nothing may be learnt from; needs `ngram`.")

    static let ngram = Option<Int?>(
        "ngram", in: 1...1000,
        "Words in a row, without case and signs, that nothing may share with a question of `test`; a question of fewer words must not stand whole in a text, one of one word must not equal it. Signs of scripts without blanks are words."
    )

    /// Throws where one of the two is given without the other.
    init(_ context: StageContext) throws {
        switch (context.input("test"), context[Self.ngram]) {
        case (nil, nil): index = nil
        case (let test?, let length?):
            index = NGramIndex(of: try Artifact.questions(test), length: length)
        case (nil, _):
            throw StageError.missingInput(
                "test", because: "`ngram` compares with its questions; set `ngram: null`")
        case (_, nil): throw StageError.unusedInput("test", option: "ngram")
        }
    }

    /// Why the first of `texts` that overlaps with a test question is left out.
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
