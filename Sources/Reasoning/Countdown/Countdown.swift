/// The task of reaching a target with every given number exactly once, with one word a token:
/// questions such as `4 8 7 : 39`, traces of trials, and answers such as `( 4 * 8 ) + 7`.
package enum Countdown: Sendable {
    /// The task's name in records.
    package static let name = "countdown"

    /// The verdict of a trial that hits the target.
    package static let right = "ok"

    /// The verdict of a trial that misses the target.
    package static let wrong = "x"

    /// The words of a word-level tokenizer: a word's place is its token.
    package static let vocabulary: [String] =
        [
            WordFormat.padding, WordFormat.questionMark, ":", WordFormat.hintMark,
            WordFormat.traceStart, WordFormat.traceEnd, WordFormat.answerEnd, "+", "-", "*", "=",
            "(", ")", wrong, right, ";", "?",
        ] + (0...99).map(String.init)

    /// The most tokens a trace may have, its end included: five trials over four numbers and
    /// some.
    package static let traceLimit = 84

    /// The most tokens an answer may have, its end included.
    package static let answerLimit = 14

    /// The longest sequence: question with hint, trace and answer.
    package static let sequenceLimit = 128

    /// The words of `text`, which blanks, tabs and line ends separate.
    package static func words(of text: String) -> [String] {
        text.utf8.split { $0 == 32 || (9...13).contains($0) }.map { String(Substring($0)) }
    }
}
