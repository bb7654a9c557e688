import Pipeline
import Reasoning

/// The answers after each trace, with their verdicts.
struct JudgedAnswers {
    /// Whether each answer is correct.
    private(set) var outcomes: [TraceKey: [Bool]] = [:]

    /// The texts of the correct answers, with repetitions.
    private(set) var correct: [TraceKey: [String]] = [:]

    /// Throws if one of the inputs is missing, which `option` needs for a `reason`.
    static func check(
        _ settings: StageSettings, for option: String, because reason: String
    ) throws(OptionMistake) {
        for input in ["verdicts", "answers"] where settings.inputs[input] == nil {
            throw .missingInput(input, for: .option(option), because: reason)
        }
    }

    /// The answers of the inputs `answers` and `verdicts`. Throws if they do not match.
    init(_ context: StageContext) throws {
        let verdicts = context.inputs["verdicts"] ?? []
        let answers = context.inputs["answers"] ?? []
        var texts: [TraceKey: [Int: String]] = [:]
        for answer in try JSONLines.read(Answer.self, in: answers) {
            guard
                texts[answer.key, default: [:]].updateValue(answer.answer, forKey: answer.rollout)
                    == nil
            else {
                throw StageError.repeatedTrace(
                    "answers", question: answer.question, sample: answer.sample)
            }
        }
        for verdict in try JSONLines.read(VerdictRecord.self, in: verdicts) {
            outcomes[verdict.key, default: []].append(verdict.correct)
            guard verdict.correct else { continue }
            guard let text = texts[verdict.key]?[verdict.rollout] else {
                throw WeighingError.missingText(
                    question: verdict.question, sample: verdict.sample, rollout: verdict.rollout)
            }
            correct[verdict.key, default: []].append(text)
        }
    }
}
