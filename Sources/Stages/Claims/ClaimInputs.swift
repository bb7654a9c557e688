import Pipeline
import Reasoning
import VariationalInference

/// Reads the inputs of the claims.
struct ClaimInputs {
    let context: StageContext

    init(_ context: StageContext) { self.context = context }

    /// Adds the rows of all claims whose inputs exist, and returns the table of arms.
    func addAll(to sheet: inout ClaimSheet) throws -> [ArmRecord] {
        let levels = Dictionary(
            try read("questions", Artifact.questions).joined().compactMap { question in
                question.level.map { (question.id, $0) }
            }, uniquingKeysWith: { first, _ in first })
        let arms = try addArms(levels, to: &sheet)
        try add(.t1, "bounds", of: "on trained models", to: &sheet) { sheet in
            try sheet.addBounds(
                try read("bounds", Artifact.weights),
                evidence: try read("evidence", Artifact.weights))
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
        try add(.t14, "prior_rollouts", "prior_weights", "weights", to: &sheet) { sheet in
            try sheet.addUnsolved(
                try read("prior_rollouts", Outcome.read),
                prior: try read("prior_weights", Artifact.weights),
                try read("weights", Artifact.weights), levels: levels)
        }
        try add(
            .t15, "tempered_sampled", "tempered_untempered", of: "on temperature", to: &sheet
        ) { sheet in
            sheet.addChanged(
                try read("tempered_sampled", Artifact.weights),
                try read("tempered_untempered", Artifact.weights))
        }
        try add(
            .t15, "copied_answers", "repeated_answers", "weights", of: "on copies", to: &sheet
        ) { sheet in
            try sheet.addCopies(
                try read("copied_answers", Artifact.weights),
                repeated: try read("repeated_answers", Artifact.weights),
                try read("weights", Artifact.weights))
        }
        return arms
    }

    private func addArms(
        _ levels: [String: Int], to sheet: inout ClaimSheet
    ) throws -> [ArmRecord] {
        guard let directories = context.inputs["evaluations"] else {
            for id in ClaimID.ofArms { sheet.leaveOut(id, needs: "`evaluations`") }
            sheet.leaveOut(.t11, "on trained models", needs: "`evaluations`")
            return []
        }
        let tables = try directories.map {
            try JSONLines.read(Evaluation.self, from: $0 + "/evaluations.jsonl")
        }
        let outcomes = try directories.map { try Outcome.read($0) }
        try ArmStudy(
            Arm.all(Array(zip(tables, outcomes))), main: context[ReportClaims.main],
            levels: levels, band: context[ReportClaims.equivalence]
        ).add(to: &sheet)
        return ArmRecord.table(tables)
    }

    /// Calls `body` if the inputs exist; otherwise records which are missing.
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

    /// The contents of all directories of an input; empty without the input.
    private func read<Value>(
        _ input: String, _ body: (String) throws -> Value
    ) throws -> [Value] {
        try (context.inputs[input] ?? []).map(body)
    }

    /// The inputs whose artifacts are paired by position.
    private static let pairs = [
        ["prior_rollouts", "prior_weights", "weights"],
        ["tempered_sampled", "tempered_untempered"],
        ["copied_answers", "repeated_answers", "weights"],
    ]

    /// Throws unless paired inputs that are all given have the same number of artifacts.
    @Sendable static func check(_ settings: StageSettings) throws(OptionMistake) {
        for inputs in pairs {
            let counts = inputs.compactMap { settings.inputs[$0] }
            guard counts.count == inputs.count else { continue }
            for (input, count) in zip(inputs, counts) where count != counts[0] {
                throw .unequalInputs(inputs[0], counts[0], input, count)
            }
        }
    }
}
