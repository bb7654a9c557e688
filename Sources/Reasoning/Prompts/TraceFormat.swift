import Foundation
import Stencil

/// How questions, hints, traces and answers are spelled to a model: what it reads before a trace, and what
/// ends traces and answers. Not `Sendable`, as parsed templates are not.
package struct TraceFormat {
    /// Ends a trace and belongs to it.
    package let traceEnd: String

    /// Stands between the end of a trace and the answer, and belongs to the answer.
    package let answerStart: String

    /// Ends an answer and belongs to it.
    package let answerEnd: String

    private let prompts: Prompts

    private enum Prompts {
        case words
        case templates(prior: Template, posterior: Template)
    }

    /// Texts in which every word is a token and blanks separate words.
    package static var words: TraceFormat {
        TraceFormat(
            traceEnd: WordFormat.traceEnd, answerStart: "", answerEnd: WordFormat.answerEnd,
            prompts: .words)
    }

    private init(traceEnd: String, answerStart: String, answerEnd: String, prompts: Prompts) {
        self.traceEnd = traceEnd
        self.answerStart = answerStart
        self.answerEnd = answerEnd
        self.prompts = prompts
    }

    /// The format that the file at `path` describes. Throws `ReasoningError.format` for one that is none.
    package init(file path: String) throws(ReasoningError) {
        let file = try FormatFile(path)
        self.init(
            traceEnd: file.traceEnd, answerStart: file.answerStart, answerEnd: file.answerEnd,
            prompts: .templates(
                prior: Template(templateString: file.prior),
                posterior: Template(templateString: file.posterior)))
        do {
            // A mistake in a template shows when it is rendered: better here than after hours.
            let (question, hint) = ("<the question>", "<the hint>")
            let prior = try priorPrompt(question)
            let posterior = try posteriorPrompt(question, hint: hint)
            guard prior.contains(question) else { throw FormatProblem.unused("prior", "question") }
            guard posterior.contains(question) else {
                throw FormatProblem.unused("posterior", "question")
            }
            guard posterior.contains(hint) else { throw FormatProblem.unused("posterior", "hint") }
        } catch let problem as FormatProblem {
            throw .format(path: path, problem)
        } catch {
            throw .format(path: path, .other("\(error)"))
        }
    }

    /// What the prior pi(z|x) goes on from. Throws `FormatProblem`.
    package func priorPrompt(_ question: String) throws -> String {
        switch prompts {
        case .words: WordFormat.priorPrompt(question)
        case .templates(let prior, _):
            try Self.render(prior, "prior", ["question": question])
        }
    }

    /// What the posterior q(z|x,y') goes on from, with the answer `hint` as y'. Throws `FormatProblem`.
    package func posteriorPrompt(_ question: String, hint: String) throws -> String {
        switch prompts {
        case .words: WordFormat.posteriorPrompt(question, hint: hint)
        case .templates(_, let posterior):
            try Self.render(posterior, "posterior", ["question": question, "hint": hint])
        }
    }

    /// The text of a supervised trace: the trace and its end.
    package func traceTarget(_ trace: String) -> String { join([trace, traceEnd]) }

    /// The text of a supervised answer: the answer and its end.
    package func answerTarget(_ answer: String) -> String {
        join([answerStart, answer, answerEnd])
    }

    /// What a model wrote after the prompt, taken apart. The trace is `nil` if it never ended, the
    /// answer if the trace or the answer never ended.
    package func parts(ofCompletion text: String) -> (trace: String?, answer: String?) {
        guard let end = text.range(of: traceEnd) else { return (nil, nil) }
        let trace = trimmed(text[..<end.lowerBound])
        let rest = text[end.upperBound...]
        guard let last = rest.range(of: answerEnd) else { return (trace, nil) }
        return (trace, answer(in: rest[..<last.lowerBound]))
    }

    /// The answer in what a model wrote after a trace, up to the answer's end.
    package func answer(in text: Substring) -> String {
        guard !answerStart.isEmpty, let start = text.range(of: answerStart) else {
            return trimmed(text)
        }
        return trimmed(text[start.upperBound...])
    }

    private static func render(
        _ template: Template, _ name: String, _ values: [String: Any]
    ) throws -> String {
        do {
            return try template.render(values)
        } catch {
            throw FormatProblem.template(name, reason: "\(error)")
        }
    }

    /// Words stand between blanks; of other texts every character counts.
    private func join(_ parts: [String]) -> String {
        switch prompts {
        case .words: parts.filter { !$0.isEmpty }.joined(separator: " ")
        case .templates: parts.joined()
        }
    }

    private func trimmed(_ text: Substring) -> String {
        switch prompts {
        case .words: Countdown.words(of: String(text)).joined(separator: " ")
        case .templates: String(text)
        }
    }
}
