import LanguageModel
import Pipeline
import Reasoning

extension Rollout {
    /// A completion to judge.
    struct Completion {
        let question: Question
        let sample: Int
        let continuation: Continuation
    }

    /// Samples and judges `samples` completions of every question, according to the options of the stage. With
    /// `conditioning: .posterior`, the model sees the hint. Reports the work and the share of unjudged answers, and
    /// throws if it exceeds the limit.
    static func draw(
        _ samples: Int, of questions: [Question], from model: InferenceModel,
        _ conditioning: Conditioning = .prior, by judge: Judge, in context: StageContext
    ) async throws -> [Rollout] {
        let sampling = try SamplingOptions(
            context.options, of: model, until: model.format.answerEnd, for: questions
        ) { $0.traceLimit + $0.answerLimit }
        var soon = UnjudgedAnswers(context.options)
        let rollouts = try await ResumableShards(
            context: context, name: "rollouts", unit: "question"
        )
        .records(
            count: questions.count, size: 256
        ) { range in
            let requests = try questions[range].map { question in
                try SamplingRequest(
                    try model.prompt(question, conditioning), of: question, to: model, sampling,
                    context.options, count: samples, stream: question.stream)
            }
            let results = try await model.engine.sample(requests, sampling)
            let completions = zip(questions[range], results).flatMap {
                question, continuations in
                continuations.enumerated().compactMap { sample, continuation in
                    continuation.map {
                        Completion(question: question, sample: sample, continuation: $0)
                    }
                }
            }
            let rollouts = try judged(completions, of: model, by: judge)
            // Fail early if the limit will be exceeded in any case.
            soon.count(rollouts)
            try soon.check(expecting: questions.count * samples)
            return rollouts
        }
        MeasuredWork(sampling: rollouts).report(in: context)
        var unjudged = UnjudgedAnswers(context.options)
        unjudged.count(rollouts)
        try unjudged.report(in: context)
        return rollouts
    }

    /// The completions with their verdicts.
    static func judged(
        _ completions: [Completion], of model: some FormattedModel, by judge: Judge
    ) throws -> [Rollout] {
        let texts = try completions.map { try model.text(of: $0.continuation.tokens) }
        let parts = texts.map { model.format.parts(ofCompletion: $0) }
        let verdicts = try judge.verdicts(
            on: zip(completions, parts).map { ($0.question, $1.answer) })
        return completions.indices.map {
            Rollout(completions[$0], texts[$0], parts[$0], verdicts[$0])
        }
    }

    private init(
        _ completion: Completion, _ text: String, _ parts: (trace: String?, answer: String?),
        _ verdict: Verdict
    ) {
        let unfinished = parts.trace == nil ? "the trace has no end" : "the answer has no end"
        let continuation = completion.continuation
        self.init(
            question: completion.question.id, sample: completion.sample, trace: parts.trace ?? text,
            answer: parts.answer, correct: verdict.isCorrect, judged: verdict.isJudged,
            reason: parts.answer == nil ? unfinished : verdict.reason,
            tokens: continuation.tokens.count, finish: continuation.isFinished ? .stop : .length,
            logProbability: continuation.logProbabilities.reduce(0.0) { $0 + Double($1) })
    }
}
