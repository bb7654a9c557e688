import Pipeline

/// A file of an artifact whose lines become rows, with one JSON object per line.
struct RecordFile: Hashable {
    let name: String

    /// The statements that insert a line, in order. `:execution` and `:output` identify the output, and `:position` is
    /// the number of the line from 0. Every other parameter is the value of that key in the object, or null.
    let statements: [String]

    init(name: String, _ statements: String...) {
        self.name = name
        self.statements = statements
    }

    /// The record file that an artifact of `type` must contain, and those that it may contain.
    static func of(_ type: ArtifactType) -> (required: RecordFile?, optional: [RecordFile]) {
        switch type {
        case .questions: (questions, [exclusions])
        case .dataset: (examples, [exclusions])
        case .traces: (traces, [exclusions])
        case .scores: (scores, [exclusions])
        case .answers: (answers, [exclusions])
        case .verdicts: (verdicts, [exclusions])
        case .weights: (weights, [bounds, exclusions])
        case .rollouts: (rollouts, [exclusions])
        case .summaries: (summaries, [])
        case .gradients: (gradients, [])
        case .claims: (claims, [arms])
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
        name: "questions.jsonl",
        """
        INSERT INTO question (id, task, text, answer, level, source)
        VALUES (:id, :task, :text, :answer, :level, :source)
        \(sameQuestion)
        """,
        """
        INSERT INTO question_use (execution, output, question, split, hint)
        VALUES (:execution, :output, :id, :split, :hint)
        """)

    static let examples = RecordFile(
        name: "examples.jsonl",
        """
        INSERT INTO example
            (execution, output, position, question, trace, answer, hint, weight, source, sample)
        VALUES
            (:execution, :output, :position, :question, :trace, :answer, :hint, :weight, :source,
            :sample)
        """)

    static let traces = RecordFile(
        name: "traces.jsonl",
        """
        INSERT INTO trace
            (execution, output, question, sample, text, tokens, finish, log_prob, sampled_log_prob,
            hint)
        VALUES
            (:execution, :output, :question, :sample, :trace, :tokens, :finish, :log_prob,
            :sampled_log_prob, :hint)
        """)

    static let scores = RecordFile(
        name: "scores.jsonl",
        """
        INSERT INTO trace_score
            (execution, output, question, sample, conditioning, tokens, log_prob,
            mean_log_prob, answer_tokens, answer_log_prob)
        VALUES
            (:execution, :output, :question, :sample, :conditioning, :tokens, :log_prob,
            :mean_log_prob, :answer_tokens, :answer_log_prob)
        """)

    static let answers = RecordFile(
        name: "answers.jsonl",
        """
        INSERT INTO answer (execution, output, question, sample, rollout, text, tokens, finish)
        VALUES (:execution, :output, :question, :sample, :rollout, :answer, :tokens, :finish)
        """)

    /// Whether an answer was judged. In files of earlier versions the reason shows this.
    private static let judged = """
        ifnull(:judged, :correct OR ifnull(:reason NOT GLOB 'not judged*', 1))
        """

    static let verdicts = RecordFile(
        name: "verdicts.jsonl",
        """
        INSERT INTO verdict
            (execution, output, question, sample, rollout, correct, judged, reason, extracted)
        VALUES
            (:execution, :output, :question, :sample, :rollout, :correct, \(judged), :reason,
            :extracted)
        """)

    static let weights = RecordFile(
        name: "weights.jsonl",
        """
        INSERT INTO trace_weight
            (execution, output, question, sample, estimator, ratio, log_ratio, log_likelihood,
            log_rho, weight, selected, answer, reason, tokens)
        VALUES
            (:execution, :output, :question, :sample, :estimator, :ratio, :log_ratio,
            :log_likelihood, :log_rho, :weight, :selected, :answer, :reason, :tokens)
        """)

    static let bounds = RecordFile(
        name: "bounds.jsonl",
        """
        INSERT INTO bound (execution, output, k, level, value, low, high, questions)
        VALUES (:execution, :output, :k, :level, :value, :low, :high, :questions)
        """)

    /// A question that every artifact excludes is inserted from this line, with its text.
    static let exclusions = RecordFile(
        name: "exclusions.jsonl",
        """
        INSERT INTO question (id, task, text, answer, level, source)
        SELECT :question, :task, :text, :answer, :level, :source WHERE :text IS NOT NULL
        \(sameQuestion)
        """,
        """
        INSERT INTO exclusion (execution, output, question, sample, reason)
        VALUES (:execution, :output, :question, :sample, :reason)
        """)

    static let rollouts = RecordFile(
        name: "rollouts.jsonl",
        """
        INSERT INTO rollout
            (execution, output, question, sample, trace, answer, correct, judged, reason, tokens,
            finish, log_prob, step, reward, advantage)
        VALUES
            (:execution, :output, :question, :sample, :trace, :answer, :correct, \(judged),
            :reason, :tokens, :finish, :log_prob, :step, :reward, :advantage)
        """)

    static let summaries = RecordFile(
        name: "summaries.jsonl",
        """
        INSERT INTO trace_summary
            (execution, output, label, replicate, step, question, sample, tokens, steps,
            claims_right, truly_right, leaks)
        VALUES
            (:execution, :output, :label, :replicate, :step, :question, :sample, :tokens, :steps,
            :claims_right, :truly_right, :leaks)
        """)

    static let gradients = RecordFile(
        name: "gradients.jsonl",
        """
        INSERT INTO gradient_mass
            (execution, output, method, group_size, low, high, questions, measured, accuracy,
            weight, weight_error, exact, gap_error, loss_share, gradient_share, example_share)
        VALUES
            (:execution, :output, :method, :group_size, :low, :high, :questions, :measured,
            :accuracy, :weight, :weight_error, :exact, :gap_error, :loss_share, :gradient_share,
            :example_share)
        """)

    static let arms = RecordFile(
        name: "arms.jsonl",
        """
        INSERT INTO arm
            (execution, output, label, level, measure, value, low, high, questions, replicates)
        VALUES
            (:execution, :output, :label, :level, :measure, :value, :low, :high, :questions,
            :replicates)
        """)

    static let claims = RecordFile(
        name: "claims.jsonl",
        """
        INSERT INTO claim
            (execution, output, position, id, claim, measured, value, low, high, unit, yardstick,
            questions, replicates, finding)
        VALUES
            (:execution, :output, :position, :id, :claim, :measured, :value, :low, :high, :unit,
            :yardstick, :questions, :replicates, :finding)
        """)

    static let evaluations = RecordFile(
        name: "evaluations.jsonl",
        """
        INSERT INTO evaluation
            (execution, output, label, replicate, level, measure, value, low, high, questions,
            samples)
        VALUES
            (:execution, :output, :label, :replicate, :level, :measure, :value, :low, :high,
            :questions, :samples)
        """)
}
