import Pipeline
import Reasoning
import VariationalInference

/// `report.claims`: what a study found of the paper's claims, from all that its stages measured. Inputs are gathered
/// over seeds; a claim whose inputs are missing is left out, and the log says so.
///
/// Evaluations are told apart by their labels: `prior`, `sft` (with as many steps as the method), `posterior-sft` (on q's
/// traces, unweighted), `rft-all`, `rft-one`, `grpo`, `dr-grpo`, `variational-E-S-M` with E accuracy, geometric-mean or
/// likelihood, S normalized or argmax and M mix or no-mix, `no-hint` (traces of the prior), `accuracy-only`, `ratio-only`,
/// `exact-ratio`, `k1`, `k2`, `k4`, ... (K traces a question, equal steps), `round-2` and `disjoint` (q trained on other
/// questions). Others are in the table of arms alone.
struct ReportClaims: Stage {
    static let kind = StageKind(
        name: "report.claims", version: 1,
        summary: "Tests the paper's claims on the figures of a study, with intervals.",
        inputs: [
            .init(
                "evaluations", .evaluation, isRequired: false, isGathered: true,
                "Evaluations of the arms on the same questions, told apart by `label` and `replicate` (T7 to T13, T16)."
            ),
            .init(
                "questions", .questions, isRequired: false, isGathered: true,
                "The questions with their levels, for rows by level."),
            .init(
                "bounds", .weights, isRequired: false, isGathered: true,
                "Weights with exact ratios, whose bounds should grow (T1)."),
            .init(
                "gradients", .gradients, isRequired: false, isGathered: true,
                "Of `study.gradients` (T3, T4)."),
            .init(
                "forward", .summaries, isRequired: false, isGathered: true,
                "Traces of a posterior trained by the forward KL, by step and replicate (T6)."),
            .init(
                "reverse", .summaries, isRequired: false, isGathered: true,
                "Traces of one trained by the reverse KL, for the same questions (T6)."),
            .init(
                "forward_traces", .traces, isRequired: false, isGathered: true,
                "The traces of the forward KL's last step, one input a replicate (T6, variety)."),
            .init(
                "reverse_traces", .traces, isRequired: false, isGathered: true,
                "Those of the reverse KL's, in the same order."),
            .init(
                "exact_weights", .weights, isRequired: false, isGathered: true,
                "Weights with `ratio: exact` (T11)."),
            .init(
                "mean_weights", .weights, isRequired: false, isGathered: true,
                "Weights with `ratio: geometric-mean` (T11)."),
            .init(
                "prior_rollouts", .rollouts, isRequired: false, isGathered: true,
                "Rollouts of the prior for the training questions (T14)."),
            .init(
                "weights", .weights, isRequired: false, isGathered: true,
                "Weights of q's traces for them, by accuracy, in the same order (T14, T15)."),
            .init(
                "tempered_sampled", .weights, isRequired: false, isGathered: true,
                "Weights of traces drawn at another temperature, with `proposal: sampled` (T15)."),
            .init(
                "tempered_untempered", .weights, isRequired: false, isGathered: true,
                "Weights of the same traces with `proposal: untempered`, in the same order (T15)."),
            .init(
                "copied_answers", .weights, isRequired: false, isGathered: true,
                "Weights of the traces of `weights` by one answer each, in the same order (T15)."),
        ],
        outputs: [.init("claims", .claims, "The claims, and the arms with their figures.")],
        options: [
            .init(
                "main", .text, default: .text(VariationalArm().label),
                "The label of the arm that stands for the method."),
            .init(
                "equivalence", .number(0...100), default: .integer(3),
                "Points of accuracy up to which two arms count as equal."),
        ])

    func run(in context: StageContext) async throws {
        let inputs = ClaimInputs(context)
        var sheet = ClaimSheet()
        sheet.addEnumerated()
        let arms = try inputs.addAll(to: &sheet)
        let directory = context.output("claims")
        try JSONLines.write(sheet.ordered, to: directory + "/claims.jsonl")
        try JSONLines.write(arms, to: directory + "/arms.jsonl")
        for omission in sheet.omissions { context.emit(.log(omission)) }
        for finding in Finding.allCases {
            let count = sheet.rows.count { $0.finding == finding.rawValue }
            let name = finding.rawValue.replacing(" ", with: "_")
            context.emit(.metric(name: name, step: 0, value: Double(count)))
        }
    }
}

/// Reads what each claim needs.
private struct ClaimInputs {
    let context: StageContext

    init(_ context: StageContext) { self.context = context }

    /// Adds the rows of all claims whose inputs are there; the table of arms.
    func addAll(to sheet: inout ClaimSheet) throws -> [ArmRecord] {
        let levels = Dictionary(
            try read("questions", Artifact.questions).joined().compactMap { question in
                question.level.map { (question.id, $0) }
            }, uniquingKeysWith: { first, _ in first })
        let arms = try addArms(levels, to: &sheet)
        try add(.t1, "bounds", of: "on trained models", to: &sheet) { sheet in
            sheet.addBounds(
                try read("bounds") { try JSONLines.read(Bound.self, from: $0 + "/bounds.jsonl") })
        }
        try add(.t3, "gradients", also: [.t4], to: &sheet) { sheet in
            sheet.addGradients(
                try read("gradients") {
                    try JSONLines.read(GradientRecord.self, from: $0 + "/gradients.jsonl")
                })
        }
        try add(.t6, "forward", "reverse", to: &sheet) { sheet in
            func summaries(_ directory: String) throws -> [SummaryRecord] {
                try JSONLines.read(SummaryRecord.self, from: directory + "/summaries.jsonl")
            }
            try sheet.addPosteriors(
                forward: PosteriorTraces("forward", try read("forward", summaries)),
                reverse: PosteriorTraces("reverse", try read("reverse", summaries)))
        }
        try add(
            .t6, "forward_traces", "reverse_traces", of: "on variety", to: &sheet
        ) { sheet in
            func traces(_ name: String) throws -> TraceVariety {
                TraceVariety(name, try read(name) { try Artifact.traces([$0]) })
            }
            try sheet.addVariety(
                forward: try traces("forward_traces"), reverse: try traces("reverse_traces"))
        }
        for (name, ratio) in [
            ("exact_weights", ImportanceRatio.exact), ("mean_weights", .geometricMean),
        ] {
            try add(.t11, name, to: &sheet) { sheet in
                sheet.addRatio(ratio, try read(name, Artifact.weights))
            }
        }
        try add(.t14, "prior_rollouts", "weights", to: &sheet) { sheet in
            let (prior, weights) = try paired(
                "prior_rollouts", Outcome.read, "weights", Artifact.weights)
            try sheet.addUnsolved(prior, weights, levels: levels)
        }
        for (first, second, text) in [
            ("tempered_sampled", "tempered_untempered", ClaimText.temperature),
            ("copied_answers", "weights", .copies),
        ] {
            try add(.t15, first, second, to: &sheet) { sheet in
                let (a, b) = try paired(first, Artifact.weights, second, Artifact.weights)
                sheet.addChanged(text, a, b)
            }
        }
        return arms
    }

    private func addArms(
        _ levels: [String: Int], to sheet: inout ClaimSheet
    ) throws -> [ArmRecord] {
        guard let directories = context.inputs["evaluations"] else {
            for id in ClaimID.ofArms { sheet.leaveOut(id, needs: "`evaluations`") }
            return []
        }
        let tables = try directories.map {
            try JSONLines.read(Evaluation.self, from: $0 + "/evaluations.jsonl")
        }
        let outcomes = try directories.map { try Outcome.read($0) }
        try ArmStudy(
            Arm.all(Array(zip(tables, outcomes))), main: context.options.text("main"),
            levels: levels, band: context.options.number("equivalence")
        ).add(to: &sheet)
        return ArmRecord.table(tables)
    }

    /// Calls `body` if the inputs are there, else says what is missing.
    private func add(
        _ id: ClaimID, _ inputs: String..., of part: String? = nil, also others: [ClaimID] = [],
        to sheet: inout ClaimSheet, _ body: (inout ClaimSheet) throws -> Void
    ) throws {
        let missing = inputs.filter { context.inputs[$0] == nil }
        guard missing.isEmpty else {
            let names = missing.map { "`\($0)`" }.joined(separator: " and ")
            for id in [id] + others { sheet.leaveOut(id, part, needs: names) }
            return
        }
        try body(&sheet)
    }

    /// What each directory of an input holds; nothing without the input.
    private func read<Value>(
        _ input: String, _ body: (String) throws -> Value
    ) throws -> [Value] {
        try (context.inputs[input] ?? []).map(body)
    }

    /// Two inputs of which each part of one belongs to the part of the other in its place.
    private func paired<First, Second>(
        _ first: String, _ readFirst: (String) throws -> First,
        _ second: String, _ readSecond: (String) throws -> Second
    ) throws -> ([First], [Second]) {
        let (a, b) = (try read(first, readFirst), try read(second, readSecond))
        guard a.count == b.count else {
            throw StageError.unequalInputs(first, a.count, second, b.count)
        }
        return (a, b)
    }
}
