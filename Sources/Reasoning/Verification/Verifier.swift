/// The methods of judging an answer. Each verifier accepts any text without failing, in linear time. Answers
/// that it cannot decide are not judged.
package enum Verifier: String, Hashable, Sendable, CaseIterable {
    /// The text of the reference answer, up to whitespace.
    case exact

    /// The number of the reference answer: after the last `####`, in the last `\boxed`, after `answer is`, or
    /// the last one. Uses exact arithmetic without tolerance. Units, currencies and percent signs are ignored:
    /// 50% is 50, not 0.5. A number in a formula or a list does not count. If the reference answer is not a
    /// number, nothing is judged.
    case numeric

    /// The content of the last `\boxed`. Numbers, square roots and multiples of pi are compared by value, lists
    /// in any order, tuples and matrices element by element, values with or without names, and everything else
    /// as normalised LaTeX with sorted terms of sums. Nothing else is computed. See `BoxedOptions` for
    /// conventions on which graders differ.
    case boxed

    /// The letter of a multiple-choice answer.
    case choice

    /// An expression that solves the question; see `Countdown.verify`.
    case countdown

    /// A list of steps that solves the question; see `Modular.verify`.
    case modular

    /// The generated task with this verifier.
    private var task: (any ReasoningTask.Type)? { ReasoningTasks.named(rawValue) }

    /// The verdict on a response. Verifiers of generated tasks need the question; all others need the reference
    /// answer, which may be a whole solution. `options` apply to `boxed`. Throws `RecordProblem.missing` if the
    /// required field is missing.
    package func verdict(
        on request: VerificationRequest, options: BoxedOptions = BoxedOptions()
    ) throws(RecordProblem) -> Verdict {
        if let task {
            guard let question = request.question else { throw .missing(field: "question") }
            return task.verify(question: question, answer: request.response)
        }
        switch self {
        case .exact: return try Self.verdict(on: request, Self.exact)
        case .numeric: return try Self.verdict(on: request, Self.numeric)
        case .boxed: return try Self.verdict(on: request) { Self.boxed($0, $1, options) }
        case .choice:
            return try Self.verdict(on: request) {
                Self.choice($0, $1, question: request.question)
            }
        case .countdown, .modular: preconditionFailure("generated tasks judge for themselves")
        }
    }

    private static func verdict(
        on request: VerificationRequest, _ judge: (_ response: String, _ gold: String) -> Verdict
    ) throws(RecordProblem) -> Verdict {
        guard let gold = request.gold else { throw .missing(field: "gold") }
        guard let response = request.response, response.utf8.contains(where: { !$0.isBlank }) else {
            return .noAnswer
        }
        return judge(response, gold)
    }

    private static func exact(_ response: String, _ gold: String) -> Verdict {
        func words(_ text: String) -> String {
            text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).map(String.init)
                .joined(separator: " ")
        }
        let (given, wanted) = (words(response), words(gold))
        return .judged(given == wanted, given, wanted)
    }

    private static func numeric(_ response: String, _ gold: String) -> Verdict {
        let gold = AnswerText.bytes(of: gold)[...]
        let wanted: Rational?
        let wantedSpelling: ArraySlice<UInt8>
        switch NumericAnswer(reference: gold) {
        case .number(let value, let spelling): (wanted, wantedSpelling) = (value, spelling)
        case .none, .unfinished:
            return .unjudged("the reference answer '\(gold.shown)' has no number")
        case .notANumber(let content):
            guard let number = decimal(response, gold) else {
                return .unjudged("the reference answer '\(content.shown)' is not one number")
            }
            return .judged(true, number.description, number.description)
        }
        let response = AnswerText.bytes(of: response)[...]
        let answer = NumericAnswer(response: response)
        if case .number(let given?, _) = answer, given == wanted {
            return .judged(true, given.description, given.description)
        }
        // Commas between digits separate a list, unless another reading gives the reference answer.
        if let wanted, wanted.denominator > 1 || wanted.numerator.magnitude >= 100_000,
            response.contains(UInt8(ascii: ",")),
            case .number(let given?, _) = NumericAnswer(
                response: response, grouping: wanted.denominator > 1 ? .decimalComma : .indian),
            given == wanted
        {
            return .judged(true, given.description, given.description)
        }
        switch answer {
        case .none: return .wrong("no number")
        case .unfinished: return .wrong("the last \\boxed has no end")
        case .notANumber(let content): return .wrong("'\(content.shown)' is not one number")
        case .number(let given?, _):
            guard let wanted else { return .unjudged(wantedSpelling, extracted: given.description) }
            return .judged(given == wanted, given.description, wanted.description)
        case .number(nil, let spelling):
            let extracted = String(decoding: spelling, as: UTF8.self)
            return spelling == wantedSpelling
                ? .judged(true, extracted, extracted) : .unjudged(spelling, extracted: extracted)
        }
    }

    /// The number of the response if it equals the reference answer with a decimal comma, such as `1,5`.
    private static func decimal(_ response: String, _ gold: ArraySlice<UInt8>) -> Rational? {
        guard gold.contains(UInt8(ascii: ",")),
            case .number(let wanted?, _) = NumericAnswer(reference: gold, grouping: .decimalComma),
            case .number(let given?, _) = NumericAnswer(
                response: AnswerText.bytes(of: response)[...]),
            given == wanted, given.denominator > 1
        else { return nil }
        return given
    }
}

extension Verdict {
    /// The verdict on an empty or truncated response.
    package static let noAnswer = wrong("no answer")

    /// The verdict on a response without a comparable answer.
    package static func wrong(_ reason: String) -> Verdict {
        Verdict(isCorrect: false, reason: reason, extracted: nil)
    }

    /// The verdict on an extracted answer, compared with the reference answer.
    static func judged(_ isCorrect: Bool, _ given: String, _ wanted: String) -> Verdict {
        Verdict(
            isCorrect: isCorrect,
            reason: isCorrect
                ? nil : "'\(Array(given.utf8)[...].shown)', not '\(Array(wanted.utf8)[...].shown)'",
            extracted: given)
    }

    /// The verdict on a number that overflows or divides by 0.
    fileprivate static func unjudged(_ spelling: ArraySlice<UInt8>, extracted: String) -> Verdict {
        unjudged(
            "'\(spelling.shown)' has over 38 digits or divides by 0", extracted: extracted)
    }
}

extension ArraySlice<UInt8> {
    /// The beginning of a text on one line, for reasons.
    var shown: String {
        let line = String(decoding: trimmed.prefix(240), as: UTF8.self).split(
            whereSeparator: \.isNewline
        )
        .joined(separator: " ")
        return line.count > 60 ? line.prefix(60) + "..." : line
    }
}
