import LanguageModel
import Pipeline
import Reasoning

extension Rollout {
    /// `samples` whole completions of every question, by question, as the options of a stage that samples say.
    static func draw(
        _ samples: Int, of questions: [Question], from model: LoadedModel, in context: StageContext
    ) throws -> [Rollout] {
        let sampler = model.sampler(threads: context.threads)
        let sampling = try SamplingOptions(
            context.options, of: model, until: model.format.answerEnd, for: questions
        ) { $0.traceLimit + $0.answerLimit }
        return try Parts(context: context, name: "rollouts", unit: "question").records(
            count: questions.count, size: 256
        ) { range in
            let requests = try questions[range].map { question in
                SamplingRequest(
                    prompt: try model.fitting(
                        try model.prompt(question), of: question, sampling),
                    count: samples, stream: question.stream)
            }
            let results = try sampler.sample(requests, sampling)
            return try zip(questions[range], results).flatMap { question, continuations in
                try continuations.enumerated().map { sample, continuation in
                    try Rollout(question, sample, continuation, of: model)
                }
            }
        }
    }

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
            tokens: continuation.tokens.count, finish: continuation.isFinished ? .stop : .length,
            log_prob: continuation.logProbabilities.reduce(0.0) { $0 + Double($1) })
    }
}
