import LanguageModel
import Pipeline
import Reasoning
import VariationalInference

/// Rewards traces by the likelihood of the reference answers of their questions, which take the place of the
/// sampled answers.
struct ReferenceReward {
    /// The function of the log-probabilities of the reference answer.
    let kind: LikelihoodReward

    /// The reward of a trace without end.
    private let unfinished: Double
    private let model: LoadedModel
    private let sampling: SamplingOptions
    private let threads: Int

    /// `nil` with `reward: verdict`.
    init?(_ context: StageContext, _ model: LoadedModel, _ sampling: SamplingOptions) {
        guard let kind = LikelihoodReward(rawValue: context[TrainRL.reward]) else { return nil }
        self.kind = kind
        unfinished = context[TrainRL.rewardOther]
        self.model = model
        self.sampling = sampling
        threads = context.threads
    }

    /// The tokens of the reference answer after a trace.
    func answer(to question: Question) throws -> [Int32] {
        try model.tokenizer.encode(model.format.answerTarget(try question.reference))
    }

    func value(of rollout: PolicyRollout) -> Double {
        rollout.reference.map { kind.value($0.logProbabilities.map(Double.init)) } ?? unfinished
    }

    /// The rollouts cut after the end of their traces, followed by the reference answers `answers`, [rollouts],
    /// which are scored under the current policy. Rollouts whose traces have no end stay as they are.
    func replacingAnswers(
        of rollouts: [PolicyRollout], by answers: [[Int32]]
    ) throws -> [PolicyRollout] {
        var replaced = rollouts
        var ended: [Int] = []
        for (index, rollout) in rollouts.enumerated() {
            guard let length = try model.traceLength(of: rollout.ids) else { continue }
            ended.append(index)
            replaced[index].ids = Array(rollout.ids.prefix(length))
            replaced[index].logProbabilities = Array(rollout.logProbabilities.prefix(length))
        }
        let prefixes = ended.map { replaced[$0].prompt + replaced[$0].ids }
        let scores = try Scorer(model.transformer, sampling: sampling, threads: threads)
            .logProbabilities(
                of: zip(ended, prefixes).map { $1 + answers[$0] }, from: prefixes.map(\.count))
        for (index, values) in zip(ended, scores) {
            replaced[index].reference = .init(ids: answers[index], logProbabilities: values)
        }
        return replaced
    }
}

extension FormattedModel {
    /// The number of tokens of a completion up to the end mark of its trace, which is included; `nil` without
    /// this mark.
    fileprivate func traceLength(of tokens: [Int32]) throws -> Int? {
        if let mark = tokenizer.id(of: format.traceEnd) {
            return tokens.firstIndex(of: mark).map { $0 + 1 }
        }
        let mark = StopTexts([format.traceEnd])
        func hasEnded(after count: Int) throws -> Bool {
            let text = try text(of: Array(tokens.prefix(count)))
            return mark.before(in: text) != text
        }
        guard try hasEnded(after: tokens.count) else { return nil }
        var (open, ended) = (0, tokens.count)
        while ended - open > 1 {
            let middle = (open + ended) / 2
            if try hasEnded(after: middle) { ended = middle } else { open = middle }
        }
        return ended
    }
}
