import LanguageModel
import Pipeline
import Reasoning
import VariationalInference

/// `evaluate`: whole completions of questions, judged; avg@k with intervals clustered by question and
/// unbiased pass@k, in all and by level.
struct EvaluateModel: Stage {
    static let kind = StageKind(
        name: "evaluate", version: 2, summary: "Measures a model's accuracy on questions.",
        inputs: [
            .init("model", .model, "The model."),
            .init("questions", .questions, "The questions."),
        ],
        outputs: [.init("evaluation", .evaluation, "Completions, verdicts and figures.")],
        options: [
            .init("label", .text, default: .text("model"), "What tables call the model."),
            .init(
                "samples", .integer(1...100_000), default: .integer(4), "Completions a question, k."
            ),
        ]
            + SamplingOptions.stageOptions("Longest completion") + [
                LoadedModel.formatOption,
                .init(
                    "seed", .integer(0...Int.max), default: .integer(0),
                    "Seed of the random numbers."),
            ])

    func run(in context: StageContext) async throws {
        let options = context.options
        let model = try LoadedModel(of: context)
        let questions = try Artifact.questions(context.required("questions"))
        guard !questions.isEmpty else { throw StageError.empty("questions", input: "questions") }
        let samples = options.integer("samples")
        let sampler = model.sampler(threads: context.threads)
        let sampling = try SamplingOptions(
            options, of: model, until: model.format.answerEnd, for: questions
        ) { $0.traceLimit + $0.answerLimit }
        let rollouts = try Parts(context: context, name: "rollouts", unit: "question").records(
            count: questions.count, size: 256
        ) { range in
            let requests = try questions[range].map { question in
                SamplingRequest(
                    prompt: try model.prompt(question), count: samples, stream: question.stream)
            }
            let results = try sampler.sample(requests, sampling)
            return try zip(questions[range], results).flatMap { question, continuations in
                try continuations.enumerated().map { sample, continuation in
                    try Rollout(question, sample, continuation, of: model)
                }
            }
        }
        let evaluations = Self.evaluations(
            questions, rollouts, label: options.text("label"), samples: samples)
        let directory = context.output("evaluation")
        try JSONLines.write(rollouts, to: directory + "/rollouts.jsonl")
        try JSONLines.write(evaluations, to: directory + "/evaluations.jsonl")
        for figure in evaluations where figure.level == nil {
            context.emit(.metric(name: figure.measure, step: 0, value: figure.value))
        }
    }

    /// avg@k and pass@k over all questions and over those of each level.
    static func evaluations(
        _ questions: [Question], _ rollouts: [Rollout], label: String, samples: Int
    ) -> [Evaluation] {
        var outcomes: [String: [Bool]] = [:]
        for rollout in rollouts { outcomes[rollout.question, default: []].append(rollout.correct) }
        let levels = [nil] + Set(questions.compactMap(\.level)).sorted().map { Int?.some($0) }
        return levels.flatMap { level in
            let members = questions.filter { level == nil || $0.level == level }
            let groups = members.map { outcomes[$0.id] ?? [] }
            let powers = (0..<20).map { 1 << $0 }.filter { $0 > 1 && $0 <= samples }
            let average = Self.interval(groups.map { $0.map { $0 ? 1 : 0 } })
            let passes = powers.map { k in
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
                        label: label, level: level, measure: measure, value: $0.value,
                        low: max(0, $0.low), high: min(1, $0.high), questions: members.count,
                        samples: samples)
                }
            }
        }
    }
}

extension EvaluateModel {
    /// The mean over questions with its interval clustered by question. Where all questions agree that
    /// interval has no width, which says too much; then it is Wilson's, for as many trials as questions.
    private static func interval(_ valuesByQuestion: [[Double]]) -> Interval? {
        guard let interval = Interval.clusteredMean(valuesByQuestion) else { return nil }
        guard interval.low == interval.high, interval.value == 0 || interval.value == 1 else {
            return interval
        }
        let count = valuesByQuestion.count
        return Interval.wilson(successes: interval.value == 0 ? 0 : count, trials: count)
    }
}

extension Rollout {
    init(
        _ question: Question, _ sample: Int, _ continuation: Continuation, of model: LoadedModel
    ) throws {
        let text = try model.text(of: continuation.tokens)
        let parts = model.format.parts(ofCompletion: text)
        let verdict = try question.verdict(on: parts.answer)
        let unfinished = parts.trace == nil ? "the trace has no end" : "the answer has no end"
        self.init(
            question: question.id, sample: sample, trace: parts.trace ?? text, answer: parts.answer,
            correct: verdict.isCorrect, reason: parts.answer == nil ? unfinished : verdict.reason,
            tokens: continuation.tokens.count, finish: continuation.isFinished ? .stop : .length)
    }
}
