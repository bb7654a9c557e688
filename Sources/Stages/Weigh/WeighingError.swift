import Pipeline

/// A failure of a stage that weighs or selects traces.
enum WeighingError: LastingError, CustomStringConvertible, Hashable {
    case missingProposal(question: String, sample: Int)
    case noVerifiedAnswer(question: String, sample: Int)
    case missingScore(question: String, sample: Int, conditioning: String)
    case missingTrace(question: String, sample: Int)
    case summedScore(question: String, sample: Int)
    case missingText(question: String, sample: Int, rollout: Int)

    var description: String {
        switch self {
        case .missingProposal(let question, let sample):
            "trace \(sample) of \(question) has no log-probability under the distribution it was drawn from: set `proposal: untempered` and give `posterior`"
        case .noVerifiedAnswer(let question, let sample):
            "trace \(sample) of \(question) has a weight, but no correct answer among `answers`: give the answers and verdicts that it was weighed with, or set `answers: reference`"
        case .missingScore(let question, let sample, let conditioning):
            "trace \(sample) of \(question) has no \(conditioning) score: score the same traces under both models"
        case .missingTrace(let question, let sample):
            "trace \(sample) of \(question) has a weight, but is not among `traces`: give the traces that were weighed"
        case .summedScore(let question, let sample):
            "the score after trace \(sample) of \(question) is a sum over answers, which has no geometric mean: set `answers: reference` of `score`, or `answer_likelihood: likelihood`"
        case .missingText(let question, let sample, let rollout):
            "answer \(rollout) after trace \(sample) of \(question) has a verdict, but is not among `answers`: give the answers that were verified"
        }
    }

    var isLasting: Bool { true }
}
