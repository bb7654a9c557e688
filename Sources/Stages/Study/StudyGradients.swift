import LanguageModel
import Pipeline
import Reasoning
import Study
import VariationalInference

/// `study.gradients`: how much each method would learn from easy and hard questions (Section 3). Computes the
/// weight of its update on grad log P(Y_x|x), measured on rollouts of the model and by the exact curve, and the
/// shares of loss and gradient. Nothing is trained.
struct StudyGradients: Stage {
    static let groups = Option<[Int]>(
        "groups", each: 2...256, default: [4, 8, 16],
        "The numbers of rollouts per question, G, that methods learn from; at most half of the available ones."
    )
    static let limit = Option(
        "limit", in: 0...100_000_000, default: 0,
        "The maximum number of questions, chosen at random; 0 for all.")
    static let seed = Option<Int>.seed("Seed of this choice.")

    static let kind = StageKind(
        name: "study.gradients", version: 3,
        summary: "Measures how much methods would learn from easy and hard questions.",
        inputs: [
            .init("model", .model, "The model whose gradients are computed, pi_theta0."),
            .init("questions", .questions, "The questions."),
            .init(
                "rollouts", .rollouts, isGathered: true,
                "Many rollouts per question of that model, such as 128, sampled at temperature 1. One half determines the accuracy, and methods learn from the other half."
            ),
            .init(
                "weights", .weights, isRequired: false,
                "Weights of the traces of a posterior for the questions, from which the variational method learns."
            ),
            .init(
                "traces", .traces, isRequired: false, isGathered: true,
                "The traces that `weights` refers to."),
        ],
        outputs: [
            .init("gradients", .gradients, "A row for every method and bin of accuracy.")
        ],
        options: [
            groups,
            SelectedTraces.weighting.documented(
                "Whether the variational method learns from a question's best trace or from all with their normalised weights."
            ),
            limit,
            LoadedModel.format,
            seed,
        ], checks: [VariationalExamples.check])

    func run(in context: StageContext) async throws {
        let variational = try VariationalExamples(context)
        let groups = Set(context[Self.groups]).sorted()
        let methods =
            groups.flatMap { group in
                QuestionWeight.ofGroups.map { UpdateMethod.rollouts($0, group: group) }
            } + (variational.map { [.variational(traces: $0.tracesAQuestion)] } ?? [])
        let bins = try Self.bins(context)
        for question in bins.joined() where question.others.count < groups.last ?? 0 {
            throw GradientError.fewRollouts(
                question: question.question.id,
                rollouts: question.rollouts.count + question.others.count,
                group: groups.last ?? 0)
        }
        let questions = bins.flatMap { $0 }
        // A part is a bin, because the norm of a sum of updates cannot be computed from parts of the sum.
        var ranges: [Range<Int>] = []
        for bin in bins {
            let start = ranges.last?.upperBound ?? 0
            ranges.append(start..<(start + bin.count))
        }
        var meter = try GradientMeter(
            try LoadedModel(of: context), methods, variational, threads: context.threads)
        let parts = ResumableShards(context: context, name: "bins", unit: "question")
        let measured = try await parts.records(count: questions.count, in: ranges) { range in
            [
                try meter.gradients(of: questions[range]) { index in
                    if context.isCancelled() { throw CancellationError() }
                    context.emit(
                        .progress(done: index, total: questions.count, unit: "question"))
                }
            ]
        }
        let rows = GradientMass(methods: methods).rows(
            zip(bins, measured).map { (AccuracyBin.of($0[0].accuracy), $1) })
        try JSONLines.write(rows, in: context.output("gradients"))
        let tokens = measured.compactMap(\.tokens)
        if tokens.count == measured.count {
            MeasuredWork(trained: tokens.reduce(0, +)).report(in: context)
        }
        let all = questions.flatMap { $0.rollouts + $0.others }
        let gradients = measured.flatMap(\.questions)
        for (name, value) in [
            ("questions", Double(questions.count)),
            ("measured_questions", Double(gradients.count { $0.square != nil })),
            ("accuracy", Double(all.count(where: \.correct)) / Double(all.count)),
        ] { context.emit(.metric(name: name, step: 0, value: value)) }
    }

    /// The questions with rollouts, by bin of accuracy, without empty bins.
    private static func bins(_ context: StageContext) throws -> [[RolloutGroup]] {
        let table = try QuestionTable(context.required("questions"))
        let rollouts = Dictionary(
            grouping: try JSONLines.read(Rollout.self, in: context.inputs["rollouts"] ?? []),
            by: \.question)
        for id in rollouts.keys.sorted() { _ = try table.question(id, in: "rollouts") }
        var chosen = table.questions.indices.filter { rollouts[table.questions[$0].id] != nil }
        guard !chosen.isEmpty else { throw StageError.empty("rollouts", input: "rollouts") }
        let limit = context[Self.limit]
        if limit > 0, limit < chosen.count {
            var random = RandomSource(seed: context[Self.seed], "questions")
            random.shuffle(&chosen)
            chosen = chosen.prefix(limit).sorted()
        }
        let groups = chosen.map { index in
            let question = table.questions[index]
            return RolloutGroup(question: question, rollouts: rollouts[question.id] ?? [])
        }
        let byBin = Dictionary(grouping: groups) { AccuracyBin.of($0.accuracy) }
        return AccuracyBin.all.compactMap { byBin[$0] }
    }
}
