import Pipeline
import Reasoning
import VariationalInference

/// pi(Y_x|x,z) of every trace, and the answer to train on after it.
struct AnswerLikelihoods {
    let estimator: AnswerEstimator?
    /// The answers after the traces; `nil` if the reference answer is used.
    private let judged: JudgedAnswers?
    private let logAccuracy: [TraceKey: Double]
    /// The seed for choosing one of the correct answers of a trace; `nil` for the first.
    private let seed: Int?
    private let questions: QuestionTable

    /// Throws if an input is missing that the estimator needs.
    @Sendable static func check(_ settings: StageSettings) throws(OptionMistake) {
        guard settings.options[WeighTraces.answerLikelihood] == .accuracy else { return }
        try JudgedAnswers.check(
            settings, for: "answer_likelihood",
            because: "`answer_likelihood: accuracy` counts correct answers")
    }

    init(_ context: StageContext, _ questions: QuestionTable) throws {
        estimator = context[WeighTraces.answerLikelihood]
        judged = estimator == .accuracy ? try JudgedAnswers(context) : nil
        logAccuracy = judged?.outcomes.compactMapValues { AnswerEstimator.logAccuracy($0) } ?? [:]
        seed =
            context[WeighTraces.correctAnswer] == .random
            ? context[WeighTraces.seed] : nil
        self.questions = questions
    }

    /// The estimates of `estimator` by the reference answers of the questions.
    init(reference estimator: AnswerEstimator, _ questions: QuestionTable) {
        self.estimator = estimator
        judged = nil
        logAccuracy = [:]
        seed = nil
        self.questions = questions
    }

    /// `nil` if there is no data to estimate it from.
    func logLikelihood(after score: Score) throws -> Double? {
        if judged != nil { return logAccuracy[score.key] }
        // A trace without end cannot be followed by an answer.
        guard let estimator else { return score.finish == .stop ? 0 : nil }
        return try score.answerLogProbability.flatMap { value in
            guard score.answerTokens != nil || estimator != .geometricMean else {
                throw WeighingError.summedScore(question: score.question, sample: score.sample)
            }
            return estimator.logLikelihood(
                logProbability: value, tokens: score.answerTokens ?? 0)
        }
    }

    func answer(after score: Score) throws -> String? {
        let trace = score.key
        guard let judged else {
            return try score.answer ?? questions.question(trace.question, in: "prior").answer
        }
        guard let seed, let texts = judged.correct[trace] else {
            return judged.correct[trace]?.first
        }
        var random = RandomSource(
            seed: seed, "answer", .text(trace.question), .number(trace.sample))
        return random.element(of: texts)
    }

    /// Why a trace has no likelihood.
    var unscored: String {
        judged == nil
            ? "the trace has no end, or its answer no score" : "no answer follows the trace"
    }
}
