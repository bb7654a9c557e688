/// A trace of a question with what it was weighed by.
package struct WeighedTrace: Hashable, Sendable, Decodable {
    package let sample: Int
    package let trace: String
    package let tokens: Int
    package let finish: String
    package let accuracy: Double?
    package let weight: Double?
    package let selected: Int?
    package let reason: String?
    package let logRho: Double?

    private enum CodingKeys: String, CodingKey {
        case sample, trace, tokens, finish, accuracy, weight, selected, reason
        case logRho = "log_rho"
    }

    /// The traces of a question, the heaviest first.
    package static func query(_ weighing: Int64, _ question: String) -> Query {
        """
        SELECT sample, trace, tokens, finish, accuracy, log_rho, weight, selected, reason
        FROM trace_overview
        WHERE weighing = \(weighing) AND question = \(question)
        ORDER BY weight DESC, sample
        LIMIT 64
        """
    }
}
