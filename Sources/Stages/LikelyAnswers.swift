import Pipeline
import Reasoning
import VariationalInference

/// pi(Y_x|x,z) of every trace, and the answer to train on after it.
struct LikelyAnswers {
    private let estimator: AnswerEstimator?
    /// Of the answers drawn after the traces; nil if the reference answer counts.
    private let judged: Judged?
    private let questions: QuestionTable

    init(_ context: StageContext, _ questions: QuestionTable) throws {
        estimator = AnswerEstimator(rawValue: context.options.text("answer_likelihood"))
        judged = estimator == .accuracy ? try Judged(context) : nil
        self.questions = questions
    }

    /// Nil if there is nothing to estimate it from.
    func logLikelihood(after score: Score) throws -> Double? {
        if let judged { return judged.logAccuracy[score.key] }
        // A trace without end can be followed by no answer.
        guard let estimator else { return score.finish == .stop ? 0 : nil }
        return try score.answer_log_prob.flatMap { value in
            guard score.answer_tokens != nil || estimator != .geometricMean else {
                throw StageError.summedScore(question: score.question, sample: score.sample)
            }
            return estimator.logLikelihood(
                logProbability: value, tokens: score.answer_tokens ?? 0)
        }
    }

    func answer(after trace: TraceKey) throws -> String? {
        if let judged { return judged.correctAnswer[trace] }
        return try questions.question(trace.question, in: "prior").answer
    }

    /// Why a trace has no likelihood.
    var unscored: String {
        judged == nil
            ? "the trace has no end, or its answer no score" : "no answer follows the trace"
    }
}

/// The answers after each trace, judged.
private struct Judged {
    private(set) var logAccuracy: [TraceKey: Double] = [:]
    /// The first correct answer, or a random one.
    private(set) var correctAnswer: [TraceKey: String] = [:]

    init(_ context: StageContext) throws {
        guard let verdicts = context.inputs["verdicts"], let answers = context.inputs["answers"]
        else {
            let input = context.inputs["verdicts"] == nil ? "verdicts" : "answers"
            throw StageError.missingInput(
                input, because: "`answer_likelihood: accuracy` counts correct answers")
        }
        var texts: [TraceKey: [Int: String]] = [:]
        for answer in try Artifact.answers(answers) {
            guard
                texts[answer.key, default: [:]].updateValue(answer.answer, forKey: answer.rollout)
                    == nil
            else {
                throw StageError.repeatedTrace(
                    "answers", question: answer.question, sample: answer.sample)
            }
        }
        let isRandom = context.options.text("correct_answer") == "random"
        var outcomes: [TraceKey: [Bool]] = [:]
        var correct: [TraceKey: [String]] = [:]
        for verdict in try Artifact.verdicts(verdicts) {
            let key = verdict.key
            outcomes[key, default: []].append(verdict.correct)
            if verdict.correct, isRandom || correct[key] == nil {
                guard let text = texts[key]?[verdict.rollout] else {
                    throw StageError.missingText(
                        question: verdict.question, sample: verdict.sample,
                        rollout: verdict.rollout)
                }
                correct[key, default: []].append(text)
            }
        }
        for (key, texts) in correct {
            var random = RandomSource(
                seed: context.options.integer("seed"), "answer", .text(key.question),
                .number(key.sample))
            correctAnswer[key] = random.element(of: texts)
        }
        logAccuracy = outcomes.compactMapValues { AnswerEstimator.logAccuracy($0) }
    }
}
