/// The task of choosing which steps of a calculation modulo 97 lead from a start to a target, with
/// one word a token: questions such as `7 +5 *3 *9 : 21`, traces of trials, and answers such as
/// `*3`: the steps to take, at least one, in the question's order. A forward calculation whose end
/// is known would gain nothing from a hint; which steps to take can be found by trials alone.
package enum Modular: ReasoningTask {
    package static let name = "modular"

    /// A prime, so that no step but one from 0 loses what it starts from.
    package static let modulus = 97

    /// How many steps the questions of levels 1 to 4 offer.
    package static let stepCounts = [2, 3, 5, 7]

    package static let vocabulary: [String] =
        [
            WordFormat.padding, WordFormat.questionMark, ":", WordFormat.hintMark,
            WordFormat.traceStart, WordFormat.traceEnd, WordFormat.answerEnd, "=", wrong, right,
            ";",
            "?",
        ] + ModularStep.all.map(\.word) + (0..<modulus).map(String.init)

    /// The verdict of a trial that hits the target.
    static let right = "ok"

    /// The verdict of a trial that misses the target.
    static let wrong = "x"

    /// Three trials of seven steps each and the end, or six of three.
    package static let traceLimit = 84

    package static let answerLimit = 8

    package static let sequenceLimit = 112

    package static func check(question text: String) throws(ReasoningError) {
        _ = try ModularPuzzle(text: text)
    }

    /// Every answer whose steps lead from the question's start to its target: all that `verify`
    /// accepts, in one spelling.
    package static func correctAnswers(
        to question: Question
    ) throws(ReasoningError) -> [String] {
        try ModularPuzzle(text: question.text).solutions().map(\.answer)
    }

    /// The number that a word of the vocabulary writes; `Int` would read `+5` as well.
    static func number(_ word: String) -> Int? {
        guard let number = Int(word), (0..<modulus).contains(number), word == String(number)
        else { return nil }
        return number
    }
}
