/// The marks of the format in which each word is a token.
package enum WordFormat {
    package static let padding = "<pad>"
    package static let questionMark = "<q>"
    package static let hintMark = "<hint>"
    package static let traceStart = "<think>"

    /// The mark that ends a trace; part of the trace.
    package static let traceEnd = "</think>"

    /// The mark that ends an answer; part of the answer.
    package static let answerEnd = "<eos>"

    /// All marks: the special tokens of a tokenizer.
    package static let marks = [padding, questionMark, hintMark, traceStart, traceEnd, answerEnd]

    /// The prompt of the prior pi(z|x): `<q> 4 8 7 : 39 <think>`.
    package static func priorPrompt(_ question: String) -> String {
        "\(questionMark) \(question) \(traceStart)"
    }

    /// The prompt of the posterior q(z|x,y') with `hint` as y': `<q> 4 8 7 : 39 <hint> ( 4 * 8 ) + 7 <think>`.
    package static func posteriorPrompt(_ question: String, hint: String) -> String {
        "\(questionMark) \(question) \(hintMark) \(hint) \(traceStart)"
    }
}
