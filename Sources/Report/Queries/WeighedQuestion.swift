/// A question whose traces were weighed.
package struct WeighedQuestion: Hashable, Sendable, Decodable {
    package let question: String
    package let text: String
    package let level: Int?
    package let reference: String?

    /// The question after or before `id` among those that `weighing` weighed, or `id` itself; without `id` the first.
    package static func query(
        _ weighing: Int64, _ place: Place, _ id: String?
    ) -> Query {
        let condition: Query =
            switch (id, place) {
            case (nil, _): ""
            case (let id?, .same): "AND trace_weight.question = \(id)"
            case (let id?, .after): "AND trace_weight.question > \(id)"
            case (let id?, .before): "AND trace_weight.question < \(id)"
            }
        let order: Query = place == .before ? "DESC" : ""
        return """
            SELECT question.id AS question, question.text, question.level, question.answer AS reference
            FROM trace_weight
            JOIN question ON question.id = trace_weight.question
            WHERE trace_weight.execution = \(weighing) \(condition)
            ORDER BY trace_weight.question \(order)
            LIMIT 1
            """
    }

    package enum Place: Hashable, Sendable {
        case before
        case same
        case after
    }
}
