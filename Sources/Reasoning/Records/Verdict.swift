/// The judgement of a verifier on an answer, with the reason.
package struct Verdict: Hashable, Encodable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case correct
        case wrong
        /// The verifier could not judge the answer.
        case unjudged
    }

    package let outcome: Outcome

    /// Why the answer is not correct; `nil` if it is. The reason of an unjudged answer begins with `not
    /// judged`.
    package let reason: String?

    /// The judged part of the answer in canonical form; `nil` if there is none.
    package let extracted: String?

    package var isCorrect: Bool { outcome == .correct }
    package var isJudged: Bool { outcome != .unjudged }

    private init(_ outcome: Outcome, reason: String?, extracted: String?) {
        self.outcome = outcome
        self.reason = reason
        self.extracted = extracted
    }

    /// The verdict on an answer that was judged.
    package init(isCorrect: Bool, reason: String?, extracted: String?) {
        self.init(isCorrect ? .correct : .wrong, reason: reason, extracted: extracted)
    }

    /// The verdict on an answer that could not be judged. `not judged: ` is prepended to `reason` unless it is
    /// already there.
    package static func unjudged(_ reason: String, extracted: String? = nil) -> Verdict {
        Verdict(
            .unjudged, reason: reason.hasPrefix("not judged") ? reason : "not judged: \(reason)",
            extracted: extracted)
    }

    package enum CodingKeys: CodingKey {
        case correct
        case judged
        case reason
        case extracted
    }

    /// Writes `judged` only if it is false.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(isCorrect, forKey: .correct)
        if !isJudged { try fields.encode(false, forKey: .judged) }
        try fields.encode(reason, forKey: .reason)
        try fields.encode(extracted, forKey: .extracted)
    }
}
