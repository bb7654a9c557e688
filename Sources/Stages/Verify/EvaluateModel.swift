import LanguageModel
import Pipeline
import Reasoning
import VariationalInference

/// `evaluate`: samples and judges completions of questions. Computes avg@k with intervals clustered by
/// question, and unbiased pass@k, in total and by level.
struct EvaluateModel: Stage {
    static let label = Option("label", default: "model", "The label of the model in tables.")
    static let replicate = Option<Int?>(
        "replicate", in: 0...1_000_000,
        "The replicate of the experiment, such as its seed; comparisons pair figures by it."
    )
    static let samples = Option(
        "samples", in: 1...100_000, default: 4, "Completions per question, k.")
    static let seed = Option<Int>.seed()

    static let kind = StageKind(
        name: "evaluate", version: 7, summary: "Measures a model's accuracy on questions.",
        inputs: [
            .init("model", .model, "The model."),
            .init("questions", .questions, "The questions."),
        ],
        outputs: [.init("evaluation", .evaluation, "Completions, verdicts and figures.")],
        options: [
            label,
            replicate,
            samples,
        ]
            + Sampling.options("The maximum number of tokens of a completion") + [
                Sampling.stopsAtContext,
                LoadedModel.format,
                Backend.option,
                seed,
            ] + Judge.options, checks: [Judge.check, Backend.check],
        work: {
            Sampling.completions($0, "evaluation", samples: $0.options[EvaluateModel.samples])
        })

    func run(in context: StageContext) async throws {
        let options = context.options
        let questions = try JSONLines.read(Question.self, in: context.required("questions"))
        let judge = try Judge(context, for: questions)
        defer { judge.stop() }
        let model = try await InferenceModel(of: context)
        guard !questions.isEmpty else { throw StageError.empty("questions", input: "questions") }
        let rollouts = try await Rollout.draw(
            options[Self.samples], of: questions, from: model, by: judge, in: context)
        let evaluations = Self.evaluations(
            questions, rollouts, label: options[Self.label],
            replicate: options[Self.replicate],
            samples: options[Self.samples])
        let directory = context.output("evaluation")
        try JSONLines.write(rollouts, in: directory)
        try JSONLines.write(evaluations, in: directory)
        for figure in evaluations where figure.level == nil {
            context.emit(.metric(name: figure.measure, step: 0, value: figure.value))
        }
    }

    /// avg@k and pass@k over all questions and for each level. pass@k is computed for the powers of two below
    /// `samples`, and for `samples`.
    static func evaluations(
        _ questions: [Question], _ rollouts: [Rollout], label: String, replicate: Int?,
        samples: Int
    ) -> [Evaluation] {
        var outcomes: [String: [Bool]] = [:]
        for rollout in rollouts { outcomes[rollout.question, default: []].append(rollout.correct) }
        let levels = [nil] + Set(questions.compactMap(\.level)).sorted().map { Int?.some($0) }
        return levels.flatMap { level in
            let members = questions.filter { level == nil || $0.level == level }
            let groups = members.map { outcomes[$0.id] ?? [] }
            let powers = (1..<20).map { 1 << $0 }.filter { $0 < samples }
            let average = Self.interval(groups.map { $0.map { $0 ? 1 : 0 } })
            let passes = (powers + (samples > 1 ? [samples] : [])).map { k in
                (
                    "pass@\(k)",
                    Self.interval(
                        groups.map {
                            passAtK(correct: $0.filter { $0 }.count, samples: $0.count, k: k)
                                .map { [$0] } ?? []
                        })
                )
            }
            return ([("avg@\(samples)", average)] + passes).compactMap { measure, interval in
                interval.map {
                    Evaluation(
                        label: label, replicate: replicate, level: level, measure: measure,
                        value: $0.value,
                        low: max(0, $0.low), high: min(1, $0.high), questions: members.count,
                        samples: samples)
                }
            }
        }
    }
}

extension EvaluateModel {
    /// The mean over questions with its interval clustered by question. For one question, or if all questions
    /// agree, that interval would have no width. It is then the interval of as many trials as there are
    /// questions: Wilson's, or the exact one for a value between 0 and 1. `nil` without values.
    private static func interval(_ valuesByQuestion: [[Double]]) -> Interval? {
        if let interval = Interval.clusteredMean(valuesByQuestion), interval.hasWidth {
            return interval
        }
        let answered = valuesByQuestion.filter { !$0.isEmpty }
        guard let first = answered.first else { return nil }
        let value = first.reduce(0, +) / Double(first.count)
        guard value == 0 || value == 1 else {
            return .constant(value, trials: answered.count, within: 0...1)
        }
        return Interval.wilson(successes: value == 0 ? 0 : answered.count, trials: answered.count)
    }
}
