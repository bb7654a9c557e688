import Pipeline
import Reasoning
import VariationalInference

/// `weigh`: computes rho_k = pi(z_k|x) pi(Y_x|x,z_k) / q(z_k|x,y') of every trace (Eq. 8), normalised over the
/// traces of a question, and the bound L^K (Eq. 5).
struct WeighTraces: Stage {
    /// The correct answer after a trace that is trained on.
    enum CorrectAnswer: String, CaseIterable {
        case first
        case random
    }

    static let answerLikelihood = Option(
        "answer_likelihood", orNone: AnswerEstimator.self, default: .accuracy,
        "How pi(Y_x|x,z) is estimated; none leaves it out of rho.")
    static let ratio = Option(
        "ratio", orNone: ImportanceRatio.self, default: .geometricMean,
        "Whether pi(z|x) / q(z|x,y') is exact or its geometric mean per token; none leaves it out of rho."
    )
    static let proposal = Option(
        "proposal", ProposalLogProbability.self, default: .untempered,
        "The source of log q(z|x,y'): sampled, the distribution that was sampled with temperature and filters, or untempered, the posterior's own distribution at temperature 1. They differ if traces were not sampled at temperature 1 without filters; then only sampled gives a bound."
    )
    static let traces = Option<Int?>(
        "traces", in: 1...1_000_000,
        "The number of traces per question to use, the first ones by number; by default all.")
    static let weightTemperature = Option<Double>(
        "weight_temperature", in: 1e-3...1e3, default: 1,
        "The divisor of log rho; values above 1 make the weights of a question more even.")
    static let largestWeight = Option<Double>(
        "largest_weight", in: 1e-6...1, default: 1,
        "The maximum normalised weight; the excess is distributed over the others in proportion.")
    static let correctAnswer = Option(
        "correct_answer", CorrectAnswer.self, default: .first,
        "Which correct answer after a trace becomes the answer to train on.")
    static let seed = Option<Int>.seed(
        "Seed of `correct_answer: random`, and of the choice among traces with equal rho.")
    static let floor = Option<Double>(
        "floor", in: -1000...0, default: -60,
        "The minimum of log rho of a trace in the bounds, which require exact ratios; a trace without end has rho 0."
    )

    static let kind = StageKind(
        name: "weigh", version: 6,
        summary: "Computes importance weights of traces and the multi-trace bound.",
        inputs: [
            .init("prior", .scores, isGathered: true, "Scores of the traces under pi."),
            .init(
                "posterior", .scores, isRequired: false, isGathered: true,
                "Scores of the same traces under the model that drew them, for `proposal: untempered`."
            ),
            .init("questions", .questions, "The questions they were drawn for."),
            .init(
                "answers", .answers, isRequired: false, isGathered: true,
                "Answers after the traces, for `answer_likelihood: accuracy`."),
            .init(
                "verdicts", .verdicts, isRequired: false, isGathered: true,
                "Verdicts on the answers, for `answer_likelihood: accuracy`."),
        ],
        outputs: [.init("weights", .weights, "One weight per trace, and the bounds.")],
        options: [
            answerLikelihood,
            ratio,
            proposal,
            traces,
            weightTemperature,
            largestWeight,
            correctAnswer,
            ReferenceFallback.condition,
            seed,
            floor,
        ],
        checks: [
            AnswerLikelihoods.check,
            ReferenceFallback.check,
            { settings in
                let options = settings.options
                if options[proposal] == .untempered, options[ratio] != nil,
                    settings.inputs["posterior"] == nil
                {
                    throw OptionMistake.missingInput(
                        "posterior", for: .option("proposal"), .option("ratio"),
                        because: "`proposal: untempered` takes log q from it")
                }
            },
        ],
        work: { settings in
            let used = Amount(settings.options[traces]) * settings["questions"].rows
            return StageWork(outputs: ["weights": .kept(of: settings["prior"], rows: used)])
        })

    func run(in context: StageContext) async throws {
        let options = context.options
        let questions = try QuestionTable(context.required("questions"))
        let candidates = try Candidates(context, questions)
        let floor = options[WeighTraces.floor]
        // With a geometric mean instead of the ratio or the likelihood, there is no bound.
        let isBound =
            options[Self.ratio] == .exact
            && [.accuracy, .likelihood].contains(options[Self.answerLikelihood])
            && !ReferenceFallback.isUsed(options)
        var weights: [Weight] = []
        var logRhoByLevel: [Int?: [[Double]]] = [:]
        var (withoutCandidate, ties, effective) = (0, 0, [Double]())
        for id in candidates.order {
            let group = candidates.byQuestion[id] ?? []
            let level = try questions.question(id, in: "prior").level
            let logRho = group.map { $0.logRho ?? -.infinity }
            let normalized =
                normalizedWeights(
                    logRho, temperature: options[WeighTraces.weightTemperature],
                    largest: options[WeighTraces.largestWeight]) ?? group.map { _ in 0 }
            let equals = bestTraces(logRho)
            if equals.count > 1 { ties += 1 }
            var random = RandomSource(seed: options[WeighTraces.seed], "tie", .text(id))
            let best = equals.isEmpty ? nil : random.element(of: equals)
            if best == nil { withoutCandidate += 1 }
            if let size = effectiveSampleSize(weights: normalized) { effective.append(size) }
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
        try JSONLines.write(weights, in: context.output("weights"))
        var bounds: [Bound] = []
        if isBound {
            if let reason = candidates.reasonAgainstBounds {
                context.emit(.log("no bounds: \(reason)"))
            } else {
                bounds = Self.bounds(logRhoByLevel)
            }
        }
        try JSONLines.write(bounds, in: context.output("weights"))
        let count = Double(max(1, candidates.order.count))
        if ReferenceFallback.isUsed(options) {
            context.emit(
                .metric(
                    name: "questions_by_reference", step: 0,
                    value: Double(candidates.byReference) / count))
        }
        let all = Double(max(1, questions.questions.count))
        for (name, value) in [
            ("questions_without_candidate", Double(withoutCandidate) / count),
            ("tied_questions", Double(ties) / count),
            ("questions_without_trace", 1 - Double(candidates.order.count) / all),
            ("effective_sample_size", effective.reduce(0, +) / Double(max(1, effective.count))),
        ] { context.emit(.metric(name: name, step: 0, value: value)) }
    }

    /// L^K for K = 1, 2, 4, ... over disjoint groups of traces, with Student intervals over questions.
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

    /// The number of questions whose traces are weighed by the reference answer.
    private(set) var byReference = 0

    /// A trace whose log q is not known to be that of the distribution that was sampled, and why.
    private var unproposed: String?

    init(_ context: StageContext, _ questions: QuestionTable) throws {
        let options = context.options
        let proposals = try Proposals(context)
        let answers = try AnswerLikelihoods(context, questions)
        let fallback = try ReferenceFallback(options, questions)
        let ratio = options[WeighTraces.ratio]
        let most = options[WeighTraces.traces] ?? .max
        var seen: Set<TraceKey> = []
        var scores: [String: [Score]] = [:]
        for score in try JSONLines.read(Score.self, in: context.inputs["prior"] ?? [])
        where score.sample < most {
            let key = score.key
            guard seen.insert(key).inserted else {
                throw StageError.repeatedTrace(
                    "prior", question: score.question, sample: score.sample)
            }
            let logRatio = try proposals.logRatio(of: score)
            if let reason = try proposals.reasonAgainstBounds(of: score) {
                unproposed = "trace \(key.sample) of \(key.question) \(reason)"
            }
            if score.answer != nil, options[WeighTraces.answerLikelihood] == .likelihood {
                unproposed =
                    "trace \(key.sample) of \(key.question) is weighed by an answer of its own, which is not that of all traces"
            }
            if byQuestion[key.question] == nil { order.append(key.question) }
            byQuestion[key.question, default: []].append(
                try Weight(score, logRatio: logRatio, ratio, by: answers))
            if fallback.contains(key.question) { scores[key.question, default: []].append(score) }
        }
        let references = AnswerLikelihoods(reference: .geometricMean, questions)
        for id in order {
            guard let scores = scores[id], let group = byQuestion[id],
                group.allSatisfy({ $0.reason != nil })
            else { continue }
            byQuestion[id] = try zip(scores, group).map {
                try Weight($0, logRatio: $1.logRatio, ratio, by: references)
            }
            byReference += 1
        }
    }

    /// Why the traces give no bound although their weights are of the right kind; `nil` if they do.
    var reasonAgainstBounds: String? {
        if let unproposed { return unproposed }
        let count = byQuestion.values.map(\.count).max() ?? 0
        let partial = order.first { id in
            byQuestion[id]?.map(\.sample).sorted() != Array(0..<count)
        }
        return partial.map {
            "\($0) does not have all traces from 0 to \(count - 1), and leaving out traces biases the bound"
        }
    }
}

extension Weight {
    /// The weight of a trace before it is normalised.
    fileprivate init(
        _ score: Score, logRatio: Double, _ ratio: ImportanceRatio?, by answers: AnswerLikelihoods
    ) throws {
        let logLikelihood = try answers.logLikelihood(after: score)
        let logRho = logLikelihood.map {
            logImportanceWeight(logRatio: logRatio, logLikelihood: $0)
        }
        let reason: String? =
            switch logRho {
            case nil: answers.unscored
            case let logRho? where logRho > -.infinity: nil
            default: "no correct answer"
            }
        self.init(
            question: score.question, sample: score.sample,
            estimator: answers.estimator?.rawValue ?? "none", ratio: ratio?.rawValue ?? "none",
            logRatio: logRatio, logLikelihood: logLikelihood, logRho: logRho, weight: 0,
            selected: false, answer: reason == nil ? try answers.answer(after: score) : nil,
            reason: reason, tokens: score.tokens)
    }
}

/// log q(z|x,y') of every trace, and the ratio with pi(z|x).
private struct Proposals {
    /// `nil` if the ratio is not part of rho.
    private let ratio: ImportanceRatio?
    private let kind: ProposalLogProbability
    private let posterior: [TraceKey: Score]

    init(_ context: StageContext) throws {
        let options = context.options
        ratio = options[WeighTraces.ratio]
        kind = options[WeighTraces.proposal]
        posterior = try JSONLines.read(Score.self, in: context.inputs["posterior"] ?? []).byTrace(
            "posterior")
    }

    /// log pi(z|x) / q(z|x,y'); 0 if it is not part of rho. Throws if it is unknown.
    func logRatio(of score: Score) throws -> Double {
        guard let ratio else { return 0 }
        guard
            let value = ratio.log(
                prior: score.logProbability, posterior: try logProbability(of: score),
                tokens: score.tokens)
        else { throw missingScore(score) }
        return value
    }

    /// Why log q of a trace may not be that of the distribution that was sampled; `nil` if it is.
    func reasonAgainstBounds(of score: Score) throws -> String? {
        guard ratio != nil else { return nil }
        guard let sampled = score.sampledLogProbability else {
            return
                "has no log-probability under the distribution it was drawn from: sample with `temperature: 1` and without filters"
        }
        // Two passes of one model agree to about 1e-5 per token.
        let difference = abs(sampled - (try logProbability(of: score)))
        return difference <= 1e-3 * Double(score.tokens)
            ? nil
            : "was sampled from another distribution than that of log q; set `proposal: sampled`"
    }

    private func logProbability(of score: Score) throws -> Double {
        let value = kind.value(
            untempered: posterior[score.key]?.logProbability, sampled: score.sampledLogProbability)
        if let value { return value }
        throw kind == .sampled
            ? WeighingError.missingProposal(question: score.question, sample: score.sample)
            : missingScore(score)
    }

    private func missingScore(_ score: Score) -> WeighingError {
        .missingScore(question: score.question, sample: score.sample, conditioning: "posterior")
    }
}
