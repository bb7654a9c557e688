extension Countdown {
    /// What the prior pi(z|x) goes on from: `<q> 4 8 7 : 39 <think>`.
    package static func priorPrompt(_ question: String) -> String {
        "\(questionMark) \(question) \(traceStart)"
    }

    /// What the posterior q(z|x,y') goes on from, with the answer `hint` as y':
    /// `<q> 4 8 7 : 39 <hint> ( 4 * 8 ) + 7 <think>`.
    package static func posteriorPrompt(_ question: String, hint: String) -> String {
        "\(questionMark) \(question) \(hintMark) \(hint) \(traceStart)"
    }

    /// What pi(y|x,z) goes on from: the prior's prompt, the trace and its end.
    package static func answerPrompt(_ question: String, trace: String) -> String {
        join([priorPrompt(question), trace, traceEnd])
    }

    /// The tokens of a supervised trace: the trace and its end.
    package static func traceTarget(_ trace: String) -> String { join([trace, traceEnd]) }

    /// The tokens of a supervised answer: the answer and its end.
    package static func answerTarget(_ answer: String) -> String { join([answer, answerEnd]) }

    /// What a model wrote after `<think>`, taken apart. The trace is `nil` if it never ended, the
    /// answer if the trace or the answer never ended.
    package static func parts(ofCompletion text: String) -> (trace: String?, answer: String?) {
        let words = words(of: text)
        guard let end = words.firstIndex(of: traceEnd) else { return (nil, nil) }
        let trace = words[..<end].joined(separator: " ")
        let rest = words[(end + 1)...]
        guard let last = rest.firstIndex(of: answerEnd) else { return (trace, nil) }
        return (trace, rest[..<last].joined(separator: " "))
    }

    private static func join(_ parts: [String]) -> String {
        parts.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
