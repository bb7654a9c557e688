import Pipeline
import Reasoning
import VariationalInference

/// `weigh`: rho_k = pi(z_k|x) pi(Y_x|x,z_k) / q(z_k|x,y') of every trace (equation 8), normalised over the
/// traces of a question, with the bound L^K (equation 5) that the weights give.
struct WeighTraces: Stage {
    static let kind = StageKind(
        name: "weigh", version: 1,
        summary: "Computes importance weights of traces and the multi-trace bound.",
        inputs: [
            .init("prior", .scores, isGathered: true, "Scores of the traces under pi."),
            .init(
                "posterior", .scores, isGathered: true,
                "Scores of the same traces under the model that drew them."),
            .init("questions", .questions, "The questions they were drawn for."),
            .init(
                "answers", .answers, isRequired: false, isGathered: true,
                "Answers after the traces, for `answer_likelihood: accuracy`."),
            .init(
                "verdicts", .verdicts, isRequired: false, isGathered: true,
                "Verdicts on the answers, for `answer_likelihood: accuracy`."),
        ],
        outputs: [.init("weights", .weights, "One weight a trace, and the bounds.")],
        options: [
            .init(
                "answer_likelihood", .choice(AnswerEstimator.allCases.map(\.rawValue)),
                default: .text("accuracy"), "How pi(Y_x|x,z) is estimated."),
            .init(
                "ratio", .choice(ImportanceRatio.allCases.map(\.rawValue)),
                default: .text("geometric-mean"),
                "Whether pi(z|x) / q(z|x,y') is exact or its geometric mean a token."),
            .init(
                "floor", .number(-1000...0), default: .number(-60),
                "Least log rho of a trace in the bounds, which exact ratios give; a trace without end has rho 0."
            ),
        ])

    func run(in context: StageContext) async throws {
        let options = context.options
        let questions = try QuestionTable(context.required("questions"))
        let candidates = try Candidates(context)
        let floor = options.number("floor")
        var weights: [Weight] = []
        var logRhoByLevel: [Int?: [[Double]]] = [:]
        var (withoutCandidate, effective) = (0, [Double]())
        for id in candidates.order {
            let group = candidates.byQuestion[id] ?? []
            let level = try questions.question(id, in: "prior").level
            let logRho = group.map { $0.log_rho ?? -.infinity }
            let normalized = normalizedWeights(logRho) ?? group.map { _ in 0 }
            let best = selectedTrace(logRho)
            if best == nil { withoutCandidate += 1 }
            if let size = effectiveSampleSize(logRho) { effective.append(size) }
            for (index, entry) in group.enumerated() {
                var weight = entry
                weight.weight = normalized[index]
                weight.selected = index == best
                weights.append(weight)
            }
            let floored = logRho.map { max($0, floor) }
            logRhoByLevel[.none, default: []].append(floored)
            if let level { logRhoByLevel[level, default: []].append(floored) }
        }
        try JSONLines.write(weights, to: context.output("weights") + "/weights.jsonl")
        // A geometric mean in place of the ratio or of the likelihood gives no bound.
        let isBound =
            options.text("ratio") == ImportanceRatio.exact.rawValue
            && options.text("answer_likelihood") != AnswerEstimator.geometricMean.rawValue
        try JSONLines.write(
            isBound ? Self.bounds(logRhoByLevel) : [],
            to: context.output("weights") + "/bounds.jsonl")
        let count = Double(max(1, candidates.order.count))
        for (name, value) in [
            ("questions_without_candidate", Double(withoutCandidate) / count),
            ("effective_sample_size", effective.reduce(0, +) / Double(max(1, effective.count))),
        ] { context.emit(.metric(name: name, step: 0, value: value)) }
    }

    /// L^K for K = 1, 2, 4, ... over disjoint groups of traces, with normal intervals over questions.
    static func bounds(_ logRhoByLevel: [Int?: [[Double]]]) -> [Bound] {
        let levels = logRhoByLevel.keys.sorted { ($0 ?? -1) < ($1 ?? -1) }
        return levels.flatMap { level in
            let groups = logRhoByLevel[level] ?? []
            let least = groups.map(\.count).min() ?? 0
            let sizes = (0..<20).map { 1 << $0 }.filter { $0 <= least }
            return sizes.compactMap { k in
                let values = groups.compactMap { MultiTraceBound.disjointGroups(logRho: $0, k: k) }
                return Interval.mean(values).map {
                    Bound(
                        k: k, level: level, value: $0.value, low: $0.low, high: $0.high,
                        questions: values.count)
                }
            }
        }
    }
}

/// The traces of each question with their unnormalised weights.
private struct Candidates {
    private(set) var order: [String] = []
    private(set) var byQuestion: [String: [Weight]] = [:]

    init(_ context: StageContext) throws {
        let options = context.options
        let estimator = AnswerEstimator(rawValue: options.text("answer_likelihood")) ?? .accuracy
        let ratio = ImportanceRatio(rawValue: options.text("ratio")) ?? .geometricMean
        let posterior = Dictionary(
            try Artifact.scores(context.inputs["posterior"] ?? []).map {
                (TraceKey(question: $0.question, sample: $0.sample), $0)
            }, uniquingKeysWith: { first, _ in first })
        let judged = estimator == .accuracy ? try Judged(context) : nil
        let unscored =
            judged == nil
            ? "the trace has no end, or its answer no score" : "no answer follows the trace"
        let questions = try QuestionTable(context.required("questions"))
        for score in try Artifact.scores(context.inputs["prior"] ?? []) {
            let key = TraceKey(question: score.question, sample: score.sample)
            guard let other = posterior[key],
                let logRatio = ratio.log(
                    prior: score.log_prob, posterior: other.log_prob, tokens: score.tokens)
            else {
                throw StageError.missingScore(
                    question: key.question, sample: key.sample, conditioning: "posterior")
            }
            let likelihood: Double?
            let answer: String?
            if let judged {
                likelihood = judged.logAccuracy[key]
                answer = judged.correctAnswer[key]
            } else {
                likelihood = score.answer_log_prob.flatMap {
                    estimator.logLikelihood(
                        logProbability: $0, tokens: score.answer_tokens ?? 0)
                }
                answer = try questions.question(key.question, in: "prior").answer
            }
            let logRho = likelihood.map {
                logImportanceWeight(logRatio: logRatio, logLikelihood: $0)
            }
            let isCandidate = (logRho ?? -.infinity) > -.infinity
            let weight = Weight(
                question: key.question, sample: key.sample, estimator: estimator.rawValue,
                ratio: ratio.rawValue, log_ratio: logRatio, log_likelihood: likelihood,
                log_rho: logRho, weight: 0, selected: false, answer: isCandidate ? answer : nil,
                reason: isCandidate
                    ? nil : likelihood == nil ? unscored : "no correct answer")
            if byQuestion[key.question] == nil { order.append(key.question) }
            byQuestion[key.question, default: []].append(weight)
        }
    }
}

/// The answers after each trace, judged.
private struct Judged {
    private(set) var logAccuracy: [TraceKey: Double] = [:]
    /// The first correct answer.
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
            let key = TraceKey(question: answer.question, sample: answer.sample)
            texts[key, default: [:]][answer.rollout] = answer.answer
        }
        var outcomes: [TraceKey: [Bool]] = [:]
        for verdict in try Artifact.verdicts(verdicts) {
            let key = TraceKey(question: verdict.question, sample: verdict.sample)
            outcomes[key, default: []].append(verdict.correct)
            if verdict.correct, correctAnswer[key] == nil {
                guard let text = texts[key]?[verdict.rollout] else {
                    throw StageError.missingText(
                        question: verdict.question, sample: verdict.sample,
                        rollout: verdict.rollout)
                }
                correctAnswer[key] = text
            }
        }
        logAccuracy = outcomes.compactMapValues { AnswerEstimator.logAccuracy($0) }
    }
}
