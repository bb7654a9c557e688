import LanguageModel
import Pipeline
import Reasoning
import VariationalInference

/// `score`: teacher-forced log-probabilities of traces, and of the answers after them.
struct ScoreTraces: Stage {
    /// The answers that are scored after a finished trace.
    enum AnswerScope: String, CaseIterable {
        case none
        case reference
        /// The answer that the trace was drawn with.
        case hint
        case all
    }

    static let conditioning = Option(
        "conditioning", Conditioning.self, default: .prior,
        "Whether the model sees the hint that the trace was drawn with, which is the question's unless the trace has one."
    )
    static let answers = Option(
        "answers", AnswerScope.self, default: .reference,
        "Which answer is scored after a finished trace, under the prior alone: none, the reference answer, the hint that the trace was drawn with (with `hint: random` one of several correct answers), or the sum over all answers that the task enumerates."
    )

    static let tokens = Option<Bool?>(
        "tokens",
        "Whether the log-probability of each token of a trace is recorded. By default it is, if all traces together have fewer than 50 million tokens."
    )

    /// From this number of tokens on, their log-probabilities are recorded only on request: they take about 14 bytes each.
    private static let manyTokens = 50_000_000

    static let kind = StageKind(
        name: "score", version: 5,
        summary:
            "Computes the log-probability of traces, and of answers after them, under a model.",
        inputs: [
            .init("model", .model, "The model that scores the traces."),
            .init("traces", .traces, isGathered: true, "The traces."),
            .init("questions", .questions, "The questions they were drawn for."),
        ],
        outputs: [
            .init("scores", .scores, "One score per trace, and with `tokens` one per token.")
        ],
        options: [
            conditioning,
            answers,
            tokens,
            LoadedModel.format,
            Backend.option,
        ], checks: [Backend.check, Backend.scoringCheck],
        work: { settings in
            let traces = settings["traces"]
            return StageWork(
                outputs: ["scores": ArtifactSize(rows: traces.rows, tokens: traces.tokens)],
                parameters: settings["model"].parameters, scored: traces.tokens)
        })

    /// The number of traces that are scored together, and again after an interruption.
    private static let part = 1024

    func run(in context: StageContext) async throws {
        let options = context.options
        let model = try await InferenceModel(of: context, scores: true)
        let traces = try JSONLines.read(Trace.self, in: context.inputs["traces"] ?? [])
        let questions = try QuestionTable(context.required("questions"))
        let conditioning = options[Self.conditioning]
        let scope = conditioning == .prior ? options[Self.answers] : .none
        let limit = model.contextLength
        let isMany = traces.reduce(0) { $0 + $1.tokens } >= Self.manyTokens
        let tokens =
            options[Self.tokens] ?? !isMany ? try TokenScores(work: context.work) : nil
        let parts = ResumableShards(context: context, name: "scores", unit: "trace")
        let scores = try await parts.records(count: traces.count, size: Self.part) { range in
            var sequences: [[Int32]] = []
            var starts: [Int] = []
            var answersOf: [Int] = []
            var hints: [String?] = []
            for trace in traces[range] {
                let question = try questions.question(trace.question, in: "traces")
                let start = try model.prompt(question, conditioning, hint: trace.hint)
                let answers =
                    trace.finish == .stop
                    ? try self.answers(to: question, after: trace, scope: scope) : []
                answersOf.append(answers.count)
                let isHint = scope == .hint && answers.first != question.answer
                hints.append(isHint ? answers.first : nil)
                for answer in answers.isEmpty ? [""] : answers {
                    let target = answers.isEmpty ? "" : model.format.answerTarget(answer)
                    let sequence = start + trace.ids + (try model.tokenizer.encode(target))
                    guard sequence.count <= limit else {
                        throw StageError.tooLong(
                            question: trace.question, tokens: sequence.count, limit: limit)
                    }
                    sequences.append(sequence)
                    starts.append(start.count)
                }
            }
            let values = try await model.engine.logProbabilities(of: sequences, from: starts)
            // The part of the tokens must exist before that of the scores, which ends the work on these traces.
            if let tokens {
                try tokens.write(range, of: traces, firstRows(values, answersOf), model: model)
            }
            return summarise(
                Array(traces[range]), conditioning, answersOf, hints, values, isSum: scope == .all)
        }
        try JSONLines.write(scores, in: context.output("scores"))
        try tokens?.join(
            stride(from: 0, to: traces.count, by: Self.part), in: context.output("scores"))
        context.emit(
            .metric(
                name: "mean_log_prob", step: 0,
                value: scores.reduce(0) { $0 + $1.meanLogProbability }
                    / Double(max(1, scores.count))))
        var lengths: [[String?]: [Int]] = [:]
        let scored = try traces.reduce(0) { sum, trace in
            guard trace.finish == .stop else { return sum + trace.tokens }
            let key = [trace.question, scope == .hint ? trace.hint : nil]
            let answers =
                try lengths[key]
                ?? self.answers(
                    to: questions.question(trace.question, in: "traces"), after: trace,
                    scope: scope
                ).map { try model.tokenizer.encode(model.format.answerTarget($0)).count }
            lengths[key] = answers
            return sum + trace.tokens * max(1, answers.count) + answers.reduce(0, +)
        }
        MeasuredWork(scored: scored).report(in: context)
    }

    private func answers(
        to question: Question, after trace: Trace, scope: AnswerScope
    ) throws -> [String] {
        switch scope {
        case .reference: return [try question.reference]
        case .hint: return [try trace.hint ?? question.reference]
        case .all:
            return try question.correctAnswers(orElse: "answers: reference")
        case .none: return []
        }
    }

    /// The first row of each trace; `values` is as in `summarise`.
    private func firstRows(_ values: [[Float]], _ answersOf: [Int]) -> [[Float]] {
        var next = 0
        return answersOf.map { count in
            defer { next += max(1, count) }
            return values[next]
        }
    }

    /// `values` has one row per answer of each trace, or one row if a trace has no answers.
    private func summarise(
        _ traces: [Trace], _ conditioning: Conditioning, _ answersOf: [Int], _ hints: [String?],
        _ values: [[Float]], isSum: Bool
    ) -> [Score] {
        var next = 0
        return zip(traces, zip(answersOf, hints)).map { trace, scored in
            let (count, hint) = scored
            let rows = values[next..<(next + max(1, count))]
            next += max(1, count)
            let first = rows.first ?? []
            let sum = first.prefix(trace.tokens).reduce(0.0) { $0 + Double($1) }
            let answers = rows.map { row in
                row.dropFirst(trace.tokens).reduce(0.0) { $0 + Double($1) }
            }
            return Score(
                question: trace.question, sample: trace.sample, conditioning: conditioning,
                tokens: trace.tokens, logProbability: sum,
                meanLogProbability: sum / Double(trace.tokens),
                answerTokens: count == 0 || isSum ? nil : first.count - trace.tokens,
                answerLogProbability: count == 0 ? nil : logSumExp(answers), answer: hint,
                sampledLogProbability: trace.sampledLogProbability, finish: trace.finish)
        }
    }
}
