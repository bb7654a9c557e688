import Foundation
import Stencil

/// How questions, hints, traces and answers are formatted for a model: the prompt before a trace, and the marks
/// that end traces and answers. Not `Sendable`, because parsed templates are not.
package struct TraceFormat {
    /// The mark that ends a trace; part of the trace.
    package let traceEnd: String

    /// The text between the end of a trace and the answer; part of the answer.
    package let answerStart: String

    /// The mark that ends an answer; part of the answer.
    package let answerEnd: String

    private let prompts: Prompts

    private enum Prompts {
        case words
        case templates(prior: Template, posterior: Template)
    }

    /// The format in which each word is a token and blanks separate words.
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

    /// The format that the file at `path` describes. Throws `ReasoningError.format` if the file is invalid.
    package init(file path: String) throws(ReasoningError) {
        let file = try FormatFile(path)
        self.init(
            traceEnd: file.traceEnd, answerStart: file.answerStart, answerEnd: file.answerEnd,
            prompts: .templates(
                prior: Template(templateString: file.prior),
                posterior: Template(templateString: file.posterior)))
        do {
            // Render the templates now, so that a mistake is reported at once and not hours later.
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

    /// The prompt of the prior pi(z|x). Throws `FormatProblem`.
    package func priorPrompt(_ question: String) throws -> String {
        switch prompts {
        case .words: WordFormat.priorPrompt(question)
        case .templates(let prior, _):
            try Self.render(prior, "prior", ["question": question])
        }
    }

    /// The prompt of the posterior q(z|x,y') with `hint` as y'. Throws `FormatProblem`.
    package func posteriorPrompt(_ question: String, hint: String) throws -> String {
        switch prompts {
        case .words: WordFormat.posteriorPrompt(question, hint: hint)
        case .templates(_, let posterior):
            try Self.render(posterior, "posterior", ["question": question, "hint": hint])
        }
    }

    /// The training target of a trace: the trace and its end mark.
    package func traceTarget(_ trace: String) -> String { join([trace, traceEnd]) }

    /// The training target of an answer: the answer with its start text and end mark.
    package func answerTarget(_ answer: String) -> String {
        join([answerStart, answer, answerEnd])
    }

    /// Splits a completion into trace and answer. The trace is `nil` if it has no end mark; the answer is `nil`
    /// if the trace or the answer has none.
    package func parts(ofCompletion text: String) -> (trace: String?, answer: String?) {
        guard let end = text.range(of: traceEnd) else { return (nil, nil) }
        let trace = trimmed(text[..<end.lowerBound])
        let rest = text[end.upperBound...]
        guard let last = rest.range(of: answerEnd) else { return (trace, nil) }
        return (trace, answer(in: rest[..<last.lowerBound]))
    }

    /// The answer in the text after a trace, which ends before the end mark of the answer.
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

    /// Joins words with blanks, and texts of templates as they are.
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
