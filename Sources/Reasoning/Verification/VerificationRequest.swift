/// A request to a verifier: one line of the input of `vireo answers verify`.
package struct VerificationRequest: Hashable, Codable, Sendable {
    /// The text to judge; `nil` if it was truncated.
    package let response: String?

    /// A correct answer or solution.
    package let gold: String?

    /// The text of the question.
    package let question: String?

    package init(response: String?, gold: String?, question: String?) {
        self.response = response
        self.gold = gold
        self.question = question
    }

    /// The field `response` is required but may be `null`.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        response = try fields.decode(String?.self, forKey: .response)
        gold = try fields.decodeIfPresent(String.self, forKey: .gold)
        question = try fields.decodeIfPresent(String.self, forKey: .question)
    }
}
