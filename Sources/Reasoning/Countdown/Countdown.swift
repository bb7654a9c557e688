/// The task of reaching a target with every given number exactly once. Each word is one token. Questions look
/// like `4 8 7 : 39`, traces consist of trials, and answers look like `( 4 * 8 ) + 7`.
package enum Countdown: Sendable {
    /// The task's name in records.
    package static let name = "countdown"

    /// The verdict of a trial that reaches the target.
    package static let right = "ok"

    /// The verdict of a trial that misses the target.
    package static let wrong = "x"

    /// The words of the word-level tokenizer. The index of a word is its token id.
    package static let vocabulary: [String] =
        [
            WordFormat.padding, WordFormat.questionMark, ":", WordFormat.hintMark,
            WordFormat.traceStart, WordFormat.traceEnd, WordFormat.answerEnd, "+", "-", "*", "=",
            "(", ")", wrong, right, ";", "?",
        ] + (0...99).map(String.init)

    /// The maximum number of tokens of a trace, with its end mark: enough for five trials over four numbers.
    package static let traceLimit = 84

    /// The maximum number of tokens of an answer, with its end mark.
    package static let answerLimit = 14

    /// The maximum length of a sequence of question, hint, trace and answer.
    package static let sequenceLimit = 128

    /// The words of `text`, separated by ASCII whitespace.
    package static func words(of text: String) -> [String] {
        text.utf8.split { $0 == 32 || (9...13).contains($0) }.map { String(Substring($0)) }
    }
}
