import LanguageModel
import Pipeline
import Reasoning
import VariationalInference

/// `train.reverse-kl`: trains a posterior q(z|x,y') on the gradient of the evidence lower bound (Eq. 4, App.
/// A.6 and A.9), which is reinforcement learning with the reward log pi(z|x) + log pi(y'|x,z) - log q(z|x,y'),
/// or on the gradient of the multi-trace bound (App. A.2). The paper rejects this method; it is here for
/// comparison.
struct TrainReverseKL: Stage {
    /// The bound whose gradient is used.
    enum Bound: String, CaseIterable {
        case evidence
        case multiTrace = "multi-trace"
    }

    static let perQuestion = Option(
        "per_question", in: 2...4096, default: 8, "Traces per question, K.")
    static let bound = Option(
        "bound", Bound.self, default: .evidence,
        "Whether the gradient is that of L^1 or of L^K, both with leave-one-out baselines (VIMCO).")
    static let answerLikelihood = Option(
        "answer_likelihood", AnswerEstimator.self, [.likelihood, .geometricMean],
        default: .likelihood, "How pi(Y_x|x,z) is estimated.")
    static let floor = Option<Double>(
        "floor", in: -1000...0, default: -60,
        "The minimum of log rho; a trace without end has rho 0.")
    static let normalize = Option(
        "normalize", default: true,
        "Whether the factors are normalised to mean 0 per question and standard deviation 1 per batch."
    )
    static let lengthNormalizer = Option<Double>(
        "length_normalizer", in: 1...1e6, default: 40,
        "The divisor of the loss of a trace, in tokens.")

    static let kind = StageKind(
        name: "train.reverse-kl", version: 3,
        summary: "Trains a posterior by reverse KL, the gradient of the evidence lower bound.",
        inputs: [
            .init("model", .model, "The initial posterior."),
            .init("prior", .model, "The model pi that scores traces and answers."),
            .init("questions", .questions, "The questions, with reference answers."),
        ],
        outputs: [.init("model", .model, "The posterior, q.")],
        options: TrainingLoop.options(
            batch: TrainingLoop.questionBatch, rate: 5e-4, accumulates: false
        ).overridden(by: [
            TrainingLoop.weightDecay.defaulting(to: 0)
        ]) + [
            perQuestion,
            bound,
            answerLikelihood,
            floor,
            normalize,
            lengthNormalizer,
            Sampling.limit("The maximum number of tokens of a trace"), LoadedModel.format,
        ], checks: [TrainingLoop.check],
        work: { settings in
            let options = settings.options
            let tokens =
                Amount(options[TrainingLoop.batch]) * Amount(options[perQuestion])
                * Amount(options[Sampling.maxTokens]).or(settings["questions"].longestTrace)
                * Amount(options[TrainingLoop.steps])
            let parameters = settings["model"].parameters
            return StageWork(
                outputs: ["model": ArtifactSize(parameters: parameters)], parameters: parameters,
                generated: tokens, scored: tokens, trained: tokens,
                steps: Amount(options[TrainingLoop.steps]))
        })

    func run(in context: StageContext) async throws {
        let posterior = try LoadedModel(of: context)
        let prior = try LoadedModel(of: context, input: "prior")
        let questions = try JSONLines.read(Question.self, in: context.required("questions"))
        guard !questions.isEmpty else { throw StageError.empty("questions", input: "questions") }
        var traces = try ProposedTraces(context, posterior, prior, questions)
        let length = context[TrainReverseKL.lengthNormalizer]
        try TrainingLoop(context, posterior.transformer, posterior.tokenizer).run(
            reporting: { traces.metrics }
        ) { numbers in
            let names = try traces.draw(numbers.lowerBound)
            return TrainingBatch(sequences: traces.sequences, supervised: 1 / length) { names[$0] }
        }
        try traces.ledger.total(of: 0..<context[TrainingLoop.steps])?.report(in: context)
    }
}

/// Samples traces from the current posterior and converts them to sequences whose coefficients are the gradient
/// of a bound.
private struct ProposedTraces {
    private let context: StageContext
    private let posterior: LoadedModel
    private let prior: LoadedModel
    private let questions: [Question]
    private let scorer: Scorer
    private let sampling: SamplingOptions
    private var order: DataOrder
    private let estimator: AnswerEstimator

    /// The work of each step.
    let ledger: WorkLedger

    private(set) var sequences: [TrainingSequence] = []
    private(set) var metrics: [(String, Double)] = []

    init(
        _ context: StageContext, _ posterior: LoadedModel, _ prior: LoadedModel,
        _ questions: [Question]
    ) throws {
        let options = context.options
        self.context = context
        self.posterior = posterior
        self.prior = prior
        self.questions = questions
        scorer = try Scorer(prior.transformer, threads: context.threads)
        sampling = try SamplingOptions(
            options, of: posterior, until: posterior.format.traceEnd, for: questions
        ) { $0.traceLimit }
        order = DataOrder(
            lengths: questions.map { _ in 0 }, batch: options[TrainingLoop.batch],
            seed: options[TrainingLoop.seed])
        estimator = options[TrainReverseKL.answerLikelihood]
        ledger = try WorkLedger(context)
    }

    /// Samples the traces of a step into `sequences`, and returns their names for messages.
    mutating func draw(_ step: Int) throws -> [String] {
        let options = context.options
        let count = options[TrainReverseKL.perQuestion]
        let members = order.indices(batch: step).map { questions[$0] }
        let requests = try members.enumerated().map { place, question in
            // If a question occurs again, in this batch or a later one, other traces are drawn.
            SamplingRequest(
                prompt: try posterior.fitting(
                    try posterior.prompt(question, .posterior), of: question, sampling),
                count: count, stream: question.stream,
                firstSample: (step * options[TrainingLoop.batch] + place) * count)
        }
        let traces = try posterior.sampler(threads: context.threads).sample(requests, sampling)
        let (logRho, scored) = try logRho(members, traces)
        let floor = options[TrainReverseKL.floor]
        // Factors whose mean over the traces of a question is the gradient. Those of the multi-trace bound must
        // be summed instead.
        var factors = logRho.map { group in
            options[TrainReverseKL.bound] == .evidence
                ? EvidenceLowerBound.advantages(logRho: group, floor: floor)
                : (MultiTraceBound.leaveOneOutCoefficients(logRho: group, floor: floor)
                    ?? group.map { _ in 0 }).map { $0 * Double(count) }
        }
        if options[TrainReverseKL.normalize] { factors = EvidenceLowerBound.normalized(factors) }
        let divisor = options[TrainReverseKL.lengthNormalizer] * Double(members.count * count)
        var names: [String] = []
        sequences = []
        for (place, (request, group)) in zip(requests, traces).enumerated() {
            for (sample, (trace, factor)) in zip(group, factors[place]).enumerated() {
                names.append("trace \(sample) of question \(members[place].id)")
                sequences.append(
                    TrainingSequence(
                        tokens: request.prompt + trace.tokens, from: request.prompt.count,
                        weight: Float(factor / divisor)))
            }
        }
        try ledger.record(
            MeasuredWork(
                generated: traces.joined().reduce(0) { $0 + $1.tokens.count }, scored: scored,
                trained: sequences.reduce(0) { $0 + $1.tokens.count }), step: step)
        metrics = Self.metrics(traces.flatMap { $0 }, logRho, floor)
        return names
    }

    /// log rho of every trace, by question: [questions][traces]; minus infinity if the trace has no end. Also returns the
    /// number of tokens that the prior scored.
    private func logRho(
        _ questions: [Question], _ traces: [[Continuation]]
    ) throws -> (logRho: [[Double]], scored: Int) {
        var tokens: [[Int32]] = []
        var starts: [Int] = []
        for (question, group) in zip(questions, traces) {
            let prompt = try prior.prompt(question)
            let answer = try prior.tokenizer.encode(
                prior.format.answerTarget(try question.reference))
            for trace in group {
                tokens.append(prompt + trace.tokens + answer)
                starts.append(prompt.count)
            }
        }
        var scores = try scorer.logProbabilities(of: tokens, from: starts)[...]
        let scored = scores.reduce(0) { $0 + $1.count }
        let logRho = traces.map { group in
            group.map { trace -> Double in
                let values = scores.removeFirst().map(Double.init)
                guard trace.isFinished else { return -.infinity }
                let (own, answer) = (
                    values.prefix(trace.tokens.count), values.dropFirst(trace.tokens.count)
                )
                let likelihood = estimator.logLikelihood(
                    logProbability: answer.reduce(0, +), tokens: answer.count)
                let logQ = trace.logProbabilities.reduce(0.0) { $0 + Double($1) }
                return own.reduce(0, +) - logQ + (likelihood ?? -.infinity)
            }
        }
        return (logRho, scored)
    }

    private static func metrics(
        _ traces: [Continuation], _ logRho: [[Double]], _ floor: Double
    ) -> [(String, Double)] {
        let count = Double(max(1, traces.count))
        let floored = logRho.map { group in group.map { max($0, floor) } }
        let bounds = floored.compactMap { MultiTraceBound.value(logRho: $0) }
        return [
            ("elbo", floored.joined().reduce(0, +) / count),
            ("bound", bounds.reduce(0, +) / Double(max(1, bounds.count))),
            ("finished", Double(traces.filter(\.isFinished).count) / count),
            ("trace_tokens", Double(traces.reduce(0) { $0 + $1.tokens.count }) / count),
            (
                "entropy",
                -traces.reduce(0) { sum, trace in
                    sum + trace.logProbabilities.reduce(0.0) { $0 + Double($1) }
                } / count
            ),
        ]
    }
}
