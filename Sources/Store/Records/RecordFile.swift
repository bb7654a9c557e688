import GRDB
import Pipeline

/// A file of an artifact, with one JSON object per line, whose lines become rows of a table. A column of the table has
/// the value of the key of its name, or null if the line does not have this key.
struct RecordFile: Hashable {
    let name: String
    let table: String

    /// The keys of columns with another name.
    let keys: [String: String]

    /// The values of columns that are computed, as SQL expressions of keys.
    let computed: [String: String]

    /// A statement that inserts the question on the line before the row.
    let question: String?

    private init(
        _ name: String, table: String, keys: [String: String] = [:],
        computed: [String: String] = [:], question: String? = nil
    ) {
        self.name = name
        self.table = table
        self.keys = keys
        self.computed = computed
        self.question = question
    }

    /// The columns of the table.
    func columns(_ database: Database) throws -> [String] {
        try String.fetchAll(
            database, sql: "SELECT name FROM pragma_table_info(?)", arguments: [table])
    }

    /// The statements that insert a line, in order. `:execution` and `:output` identify the output, and `:position` is
    /// the number of the line from 0. Every other parameter is the value of that key in the object, or null.
    func statements(_ database: Database) throws -> [String] {
        let columns = try columns(database)
        let values = columns.map { computed[$0] ?? ":" + (keys[$0] ?? $0) }
        let row = """
            INSERT INTO \(table) (\(columns.joined(separator: ", ")))
            VALUES (\(values.joined(separator: ", ")))
            """
        return [question, row].compactMap(\.self)
    }

    /// One file for each table of records. All these tables have the columns `execution` and `output`.
    static let all = [
        questions, examples, traces, scores, tokens, answers, verdicts, weights, bounds, exclusions,
        rollouts, evaluations, summaries, gradients, arms, claims,
        selections, overlaps,
    ]

    /// The record file that an artifact of `type` must contain, and those that it may contain.
    static func of(_ type: ArtifactType) -> (required: RecordFile?, optional: [RecordFile]) {
        switch type {
        case .questions: (questions, [exclusions])
        case .dataset: (examples, [exclusions])
        case .traces: (traces, [exclusions])
        case .scores: (scores, [tokens, exclusions])
        case .answers: (answers, [exclusions])
        case .verdicts: (verdicts, [exclusions])
        case .weights: (weights, [bounds, exclusions])
        case .rollouts: (rollouts, [exclusions])
        case .summaries: (summaries, [])
        case .gradients: (gradients, [])
        case .claims: (claims, [arms])
        case .overlap: (overlaps, [])
        case .selection: (selections, [])
        case .evaluation: (evaluations, [rollouts, exclusions])
        case .model: (nil, [exclusions])
        case .tokenizer, .files: (nil, [])
        }
    }

    /// The same question may be in many artifacts, and only a later one may have its level. A different question with
    /// the same id is an error, which is raised by storing a blob in a text column of a strict table.
    private static let sameQuestion = """
        ON CONFLICT (id) DO UPDATE SET
            level = excluded.level,
            text = iif(
                (question.task, question.text, question.answer, question.source)
                    IS (excluded.task, excluded.text, excluded.answer, excluded.source)
                    AND question.level IS NULL, question.text, zeroblob(0))
        WHERE (question.task, question.text, question.answer, question.source)
            IS NOT (excluded.task, excluded.text, excluded.answer, excluded.source)
            OR question.level <> excluded.level
            OR question.level IS NULL AND excluded.level IS NOT NULL
        """

    static let questions = RecordFile(
        "questions.jsonl", table: "question_use", keys: ["question": "id"],
        question: """
            INSERT INTO question (id, task, text, answer, level, source)
            VALUES (:id, :task, :text, :answer, :level, :source)
            \(sameQuestion)
            """)

    /// A question that every artifact excludes is inserted from this line, with its text.
    static let exclusions = RecordFile(
        "exclusions.jsonl", table: "exclusion",
        question: """
            INSERT INTO question (id, task, text, answer, level, source)
            SELECT :question, :task, :text, :answer, :level, :source WHERE :text IS NOT NULL
            \(sameQuestion)
            """)

    /// Whether an answer was judged. In files of earlier versions the reason shows this.
    private static let judged = [
        "judged": "ifnull(:judged, :correct OR ifnull(:reason NOT GLOB 'not judged*', 1))"
    ]

    static let examples = RecordFile("examples.jsonl", table: "example")
    static let traces = RecordFile("traces.jsonl", table: "trace", keys: ["text": "trace"])
    static let scores = RecordFile("scores.jsonl", table: "trace_score")
    static let tokens = RecordFile("tokens.jsonl", table: "token_score")
    static let answers = RecordFile("answers.jsonl", table: "answer", keys: ["text": "answer"])
    static let verdicts = RecordFile("verdicts.jsonl", table: "verdict", computed: judged)
    static let weights = RecordFile("weights.jsonl", table: "trace_weight")
    static let bounds = RecordFile("bounds.jsonl", table: "bound")
    static let rollouts = RecordFile("rollouts.jsonl", table: "rollout", computed: judged)
    static let evaluations = RecordFile("evaluations.jsonl", table: "evaluation")
    static let summaries = RecordFile("summaries.jsonl", table: "trace_summary")
    static let gradients = RecordFile("gradients.jsonl", table: "gradient_mass")
    static let arms = RecordFile("arms.jsonl", table: "arm")
    /// Lines of earlier versions have no primary claim.
    static let claims = RecordFile(
        "claims.jsonl", table: "claim", computed: ["is_primary": "ifnull(:is_primary, 0)"])
    static let overlaps = RecordFile("overlap.jsonl", table: "overlap")
    static let selections = RecordFile("selection.jsonl", table: "selection")
}
