/// The marks of texts in which every word is a token.
package enum WordFormat {
    package static let padding = "<pad>"
    package static let questionMark = "<q>"
    package static let hintMark = "<hint>"
    package static let traceStart = "<think>"

    /// Ends a trace and belongs to it.
    package static let traceEnd = "</think>"

    /// Ends an answer and belongs to it.
    package static let answerEnd = "<eos>"

    /// Every mark: a tokenizer's special tokens.
    package static let marks = [padding, questionMark, hintMark, traceStart, traceEnd, answerEnd]

    /// What the prior pi(z|x) goes on from: `<q> 4 8 7 : 39 <think>`.
    package static func priorPrompt(_ question: String) -> String {
        "\(questionMark) \(question) \(traceStart)"
    }

    /// What the posterior q(z|x,y') goes on from, with the answer `hint` as y':
    /// `<q> 4 8 7 : 39 <hint> ( 4 * 8 ) + 7 <think>`.
    package static func posteriorPrompt(_ question: String, hint: String) -> String {
        "\(questionMark) \(question) \(hintMark) \(hint) \(traceStart)"
    }
}
