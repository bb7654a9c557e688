import Pipeline

/// A file of an artifact whose lines become rows: one JSON object a line.
struct RecordFile: Hashable {
    let name: String

    /// Inserts one line. `:execution` and `:output` say whose it is, `:line` is the JSON object and
    /// `:position` its number from 0.
    let sql: String

    /// The file that an artifact of `type` must hold for its records, and those that it may hold.
    static func of(_ type: ArtifactType) -> (required: RecordFile?, optional: [RecordFile]) {
        switch type {
        case .questions: (questions, [exclusions])
        case .dataset: (examples, [exclusions])
        case .traces: (traces, [exclusions])
        case .scores: (scores, [exclusions])
        case .answers: (answers, [exclusions])
        case .verdicts: (verdicts, [exclusions])
        case .weights: (weights, [bounds, exclusions])
        case .evaluation: (evaluations, [rollouts, exclusions])
        case .model: (nil, [exclusions])
        case .tokenizer, .files: (nil, [])
        }
    }

    static let questions = RecordFile(
        name: "questions.jsonl",
        sql: """
            INSERT INTO question_use (execution, output, question, split)
            SELECT :execution, :output, :line->>'id', :line->>'split'
            """)

    /// Runs before `questions`: the same question may come from many artifacts.
    static let newQuestion = """
        INSERT INTO question (id, task, text, answer, level, source)
        SELECT :line->>'id', :line->>'task', :line->>'text', :line->>'answer', :line->>'level', :line->>'source'
        WHERE true
        ON CONFLICT (id) DO NOTHING
        """

    static let examples = RecordFile(
        name: "examples.jsonl",
        sql: """
            INSERT INTO example
                (execution, output, position, question, trace, answer, weight, source, sample)
            SELECT :execution, :output, :position, :line->>'question', :line->>'trace', :line->>'answer', :line->>'weight',
                :line->>'source', :line->>'sample'
            """)

    static let traces = RecordFile(
        name: "traces.jsonl",
        sql: """
            INSERT INTO trace
                (execution, output, question, sample, text, tokens, finish, log_prob, sampled_log_prob)
            SELECT :execution, :output, :line->>'question', :line->>'sample', :line->>'trace', :line->>'tokens',
                :line->>'finish', :line->>'log_prob', :line->>'sampled_log_prob'
            """)

    static let scores = RecordFile(
        name: "scores.jsonl",
        sql: """
            INSERT INTO trace_score
                (execution, output, question, sample, conditioning, tokens, log_prob,
                mean_log_prob, answer_tokens, answer_log_prob)
            SELECT :execution, :output, :line->>'question', :line->>'sample', :line->>'conditioning', :line->>'tokens',
                :line->>'log_prob', :line->>'mean_log_prob', :line->>'answer_tokens',
                :line->>'answer_log_prob'
            """)

    static let answers = RecordFile(
        name: "answers.jsonl",
        sql: """
            INSERT INTO answer (execution, output, question, sample, rollout, text, tokens, finish)
            SELECT :execution, :output, :line->>'question', :line->>'sample', :line->>'rollout', :line->>'answer',
                :line->>'tokens', :line->>'finish'
            """)

    static let verdicts = RecordFile(
        name: "verdicts.jsonl",
        sql: """
            INSERT INTO verdict
                (execution, output, question, sample, rollout, correct, reason, extracted)
            SELECT :execution, :output, :line->>'question', :line->>'sample', :line->>'rollout', :line->>'correct',
                :line->>'reason', :line->>'extracted'
            """)

    static let weights = RecordFile(
        name: "weights.jsonl",
        sql: """
            INSERT INTO trace_weight
                (execution, output, question, sample, estimator, ratio, log_ratio, log_likelihood,
                log_rho, weight, selected, answer, reason)
            SELECT :execution, :output, :line->>'question', :line->>'sample', :line->>'estimator', :line->>'ratio',
                :line->>'log_ratio', :line->>'log_likelihood', :line->>'log_rho', :line->>'weight',
                :line->>'selected', :line->>'answer', :line->>'reason'
            """)

    static let bounds = RecordFile(
        name: "bounds.jsonl",
        sql: """
            INSERT INTO bound (execution, output, k, level, value, low, high, questions)
            SELECT :execution, :output, :line->>'k', :line->>'level', :line->>'value', :line->>'low', :line->>'high',
                :line->>'questions'
            """)

    static let exclusions = RecordFile(
        name: "exclusions.jsonl",
        sql: """
            INSERT INTO exclusion (execution, output, question, sample, reason)
            SELECT :execution, :output, :line->>'question', :line->>'sample', :line->>'reason'
            """)

    static let rollouts = RecordFile(
        name: "rollouts.jsonl",
        sql: """
            INSERT INTO rollout
                (execution, output, question, sample, trace, answer, correct, reason, tokens, finish)
            SELECT :execution, :output, :line->>'question', :line->>'sample', :line->>'trace', :line->>'answer',
                :line->>'correct', :line->>'reason', :line->>'tokens', :line->>'finish'
            """)

    static let evaluations = RecordFile(
        name: "evaluations.jsonl",
        sql: """
            INSERT INTO evaluation
                (execution, output, label, level, measure, value, low, high, questions, samples)
            SELECT :execution, :output, :line->>'label', :line->>'level', :line->>'measure', :line->>'value', :line->>'low',
                :line->>'high', :line->>'questions', :line->>'samples'
            """)
}
