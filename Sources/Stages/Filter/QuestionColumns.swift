import Reasoning
import RowQuery

/// The columns of a question for SQL expressions.
enum QuestionColumns {
    /// The columns of the question of a row.
    static func of<Row>(
        _ question: @escaping @Sendable (Row) -> Question
    ) -> [Column<Row>] {
        [
            .text("id") { question($0).id }, .text("text") { question($0).text },
            .text("answer") { question($0).answer }, .integer("level") { question($0).level },
            .text("source") { question($0).source }, .text("split") { question($0).split },
            .text("task") { question($0).task },
        ]
    }
}
