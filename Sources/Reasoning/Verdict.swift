/// Whether an answer is correct, and why not.
package struct Verdict: Hashable, Codable, Sendable {
    package let isCorrect: Bool

    /// Why the answer is not correct; `nil` if it is.
    package let reason: String?

    /// What was judged, in one spelling; `nil` if the answer holds nothing to judge.
    package let extracted: String?

    package init(isCorrect: Bool, reason: String?, extracted: String?) {
        self.isCorrect = isCorrect
        self.reason = reason
        self.extracted = extracted
    }

    package enum CodingKeys: String, CodingKey {
        case isCorrect = "correct"
        case reason
        case extracted
    }
}
