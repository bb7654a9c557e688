import Pipeline
import Reasoning

/// `inspect`: analyses traces: the number of steps, whether they end with work that gives a correct answer, and
/// whether they state the answer without that work, which a posterior may learn from its hint.
struct InspectTraces: Stage {
    static let label = Option("label", default: "model", "The label of the model in tables.")
    static let replicate = Option<Int?>(
        "replicate", in: 0...1_000_000,
        "The replicate of the experiment, such as its seed.")
    static let step = Option(
        "step", in: 0...100_000_000, default: 0, "The number of training steps of the model.")

    static let kind = StageKind(
        name: "inspect", version: 1,
        summary: "Analyses traces: steps, claims, correctness and leaked answers.",
        inputs: [
            .init("traces", .traces, isGathered: true, "The traces."),
            .init("questions", .questions, "The questions they were drawn for."),
        ],
        outputs: [.init("summaries", .summaries, "One summary per trace.")],
        options: [
            label,
            replicate,
            step,
        ],
        work: { StageWork(outputs: ["summaries": ArtifactSize(rows: $0["traces"].rows)]) })

    func run(in context: StageContext) async throws {
        let questions = try QuestionTable(context.required("questions"))
        let traces = try JSONLines.read(Trace.self, in: context.inputs["traces"] ?? [])
        guard !traces.isEmpty else { throw StageError.empty("traces", input: "traces") }
        let summaries = try traces.map { trace in
            let question = try questions.question(trace.question, in: "traces")
            guard let task = ReasoningTasks.named(question.task) else {
                throw SamplingError.unreadableTraces(task: question.task)
            }
            return SummaryRecord(
                trace, try task.summary(of: trace.trace, for: question), context.options)
        }
        try JSONLines.write(summaries, in: context.output("summaries"))
        let step = context[InspectTraces.step]
        let count = Double(traces.count)
        func share(_ isSuch: (SummaryRecord) -> Bool) -> Double {
            Double(summaries.filter(isSuch).count) / count
        }
        let distinct = Set(traces.map { [$0.question, $0.trace] }).count
        for (name, value) in [
            ("steps", Double(summaries.reduce(0) { $0 + $1.steps }) / count),
            ("claims_right", share { $0.claimsRight }),
            ("truly_right", share { $0.trulyRight }),
            ("leak_rate", share { $0.leaks }),
            ("trace_tokens", Double(traces.reduce(0) { $0 + $1.tokens }) / count),
            ("distinct", Double(distinct) / count),
            ("entropy", -traces.reduce(0) { $0 + $1.logProbability } / count),
        ] { context.emit(.metric(name: name, step: step, value: value)) }
    }
}

extension SummaryRecord {
    fileprivate init(_ trace: Trace, _ summary: TraceSummary, _ options: Options) {
        self.init(
            label: options[InspectTraces.label],
            replicate: options[InspectTraces.replicate],
            step: options[InspectTraces.step], question: trace.question, sample: trace.sample,
            tokens: trace.tokens, steps: summary.steps,
            claimsRight: summary.claimsRight, trulyRight: summary.isTrulyRight,
            leaks: summary.leaks)
    }
}
