import JSON

/// The tokens of a trace with their log-probabilities under prior or posterior.
package struct TokenScoreRow: Hashable, Sendable, Decodable {
    /// `prior` or `posterior`.
    package let name: String
    package let sample: Int

    /// JSON arrays with an element for each token.
    private let logProbabilities: String
    private let textEnds: String?

    private enum CodingKeys: String, CodingKey {
        case name, sample
        case logProbabilities = "log_probs"
        case textEnds = "ends"
    }

    /// Those of a question's traces. Empty unless the scoring recorded tokens.
    package static func query(_ weighing: Int64, _ question: String) -> Query {
        """
        SELECT reading.name, score.sample, score.log_probs, score.ends
        FROM execution_input AS reading
        JOIN token_score AS score
            ON score.execution = reading.producer AND score.output = reading.output
        WHERE reading.execution = \(weighing) AND reading.name IN ('prior', 'posterior')
            AND score.question = \(question)
        ORDER BY score.sample
        LIMIT 128
        """
    }

    /// In nats; `nil` for a token whose value is not finite.
    package var values: [Double?] {
        Self.elements(logProbabilities).map { element in
            switch element {
            case .number(let number): number
            case .integer(let integer): Double(integer)
            default: nil
            }
        }
    }

    /// Where the text of each token ends, in UTF-8 bytes of the trace; empty if this is unknown.
    package var ends: [Int] {
        Self.elements(textEnds ?? "[]").compactMap { element in
            if case .integer(let integer) = element { integer } else { nil }
        }
    }

    /// Empty if the text is no array, which the store does not contain.
    private static func elements(_ text: String) -> [JSONValue] {
        guard case .array(let elements) = JSONValue(json: text) else { return [] }
        return elements
    }
}
