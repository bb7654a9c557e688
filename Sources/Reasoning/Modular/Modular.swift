/// The task of choosing steps of a calculation modulo 97 that lead from a start to a target. Each word is one
/// token. Questions look like `7 +5 *3 *9 : 21`, traces consist of trials, and answers look like `*3`: the
/// steps to take, at least one, in the order of the question. A hint would be worthless for a forward
/// calculation with a known end; the choice of steps can be found only by trials.
package enum Modular: ReasoningTask {
    package static let name = "modular"

    /// A prime, so that every step is invertible.
    package static let modulus = 97

    /// The number of steps that a question of levels 1 to 4 offers.
    package static let stepCounts = [2, 3, 5, 7]

    package static let vocabulary: [String] =
        [
            WordFormat.padding, WordFormat.questionMark, ":", WordFormat.hintMark,
            WordFormat.traceStart, WordFormat.traceEnd, WordFormat.answerEnd, "=", wrong, right,
            ";",
            "?",
        ] + ModularStep.all.map(\.word) + (0..<modulus).map(String.init)

    /// The verdict of a trial that reaches the target.
    static let right = "ok"

    /// The verdict of a trial that misses the target.
    static let wrong = "x"

    /// Enough for three trials of seven steps each or six of three, with the end mark.
    package static let traceLimit = 84

    package static let answerLimit = 8

    package static let sequenceLimit = 112

    package static func identity(of text: String) throws(ReasoningError) -> ModularPuzzle {
        try ModularPuzzle(text: text)
    }

    package static func check(question text: String) throws(ReasoningError) {
        _ = try ModularPuzzle(text: text)
    }

    /// All answers whose steps lead from the start to the target: all that `verify` accepts, in canonical form.
    package static func correctAnswers(
        to question: Question
    ) throws(ReasoningError) -> [String] {
        try ModularPuzzle(text: question.text).solutions().map(\.answer)
    }

    /// The number that a word of the vocabulary denotes. `Int` would also accept `+5`.
    static func number(_ word: String) -> Int? {
        guard let number = Int(word), (0..<modulus).contains(number), word == String(number)
        else { return nil }
        return number
    }
}
