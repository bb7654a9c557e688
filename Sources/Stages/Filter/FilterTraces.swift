import Pipeline
import Reasoning
import RowQuery

/// `filter`: leaves out traces that are not useful for training. Every exclusion is a row with its reason.
struct FilterTraces: Stage {
    static let endMarker = Option(
        "end_marker", default: true, "Whether a trace must have its end mark.")
    static let minTokens = Option<Int?>(
        "min_tokens", in: 1...1_000_000,
        "The minimum number of tokens of a trace with its end mark; null for no minimum.")
    static let maxTokens = Option<Int?>(
        "max_tokens", in: 1...1_000_000,
        "The maximum number of tokens of a trace with its end mark; null for no maximum.")
    static let leaks = Option(
        "leaks", Disposal.self, default: .keep,
        "What to do with a trace that states the answer without the work that leads to it: in a generated task as in `inspect`, otherwise within the first tenth of its words; requires `questions`."
    )
    static let duplicates = Option(
        "duplicates", Disposal.self, default: .drop,
        "What to do with a trace that equals an earlier one of its question, drawn with the same hint."
    )

    static let kind = StageKind(
        name: "filter", version: 3,
        summary:
            "Excludes traces that are unfinished, too short, too long or duplicates, with the reason.",
        inputs: [
            .init("traces", .traces, isGathered: true, "The traces."),
            .init(
                "questions", .questions, isRequired: false, "The questions they were drawn for."),
        ],
        outputs: [.init("traces", .traces, "The traces that are kept, and the exclusions.")],
        options: [
            endMarker,
            minTokens,
            maxTokens,
            leaks,
            RowFilter.option(columns, and: questionColumns, with: "questions"),
            duplicates,
        ],
        checks: [
            { settings in
                _ = try condition(
                    settings.options, hasQuestions: settings.inputs["questions"] != nil)
            },
            { settings in
                try CountLimits.check(settings.options, least: minTokens, most: maxTokens)
            },
            { settings in
                if settings.options[leaks] == .drop, settings.inputs["questions"] == nil {
                    throw OptionMistake.missingInput(
                        "questions", for: .option("leaks"),
                        because: "`leaks: drop` looks for their answers; set `leaks: keep`")
                }
            },
        ],
        work: { settings in
            var traces = settings["traces"]
            if let most = settings.options[maxTokens] {
                traces.tokens = traces.tokens.atMost(traces.rows * Amount(most))
            }
            return StageWork(outputs: ["traces": traces])
        })

    private static let columns: [Column<AskedTrace>] = [
        .text("question", \.trace.question), .integer("sample", \.trace.sample),
        .text("trace", \.trace.trace), .integer("tokens", \.trace.tokens),
        .text("finish", \.trace.finish.rawValue), .real("log_prob", \.trace.logProbability),
        .real("sampled_log_prob", \.trace.sampledLogProbability),
    ]

    private static let questionColumns: [Column<AskedTrace>] = [
        .text("text", \.question?.text), .text("answer", \.question?.answer),
        .integer("level", \.question?.level), .text("source", \.question?.source),
        .text("split", \.question?.split),
    ]

    private static func condition(
        _ options: Options, hasQuestions: Bool
    ) throws(OptionMistake) -> RowFilter<AskedTrace> {
        try RowFilter(options, columns: columns + (hasQuestions ? questionColumns : []))
    }

    func run(in context: StageContext) async throws {
        let options = context.options
        let asked = context.input("questions")
        let condition = try Self.condition(options, hasQuestions: asked != nil)
        let limits = CountLimits(options, least: Self.minTokens, most: Self.maxTokens)
        let dropsLeaks = options[Self.leaks] == .drop
        let dropsDuplicates = options[Self.duplicates] == .drop
        let questions = try asked.map { try QuestionTable($0) }
        let traces = try JSONLines.read(Trace.self, in: context.inputs["traces"] ?? []).map {
            trace in
            AskedTrace(
                trace: trace, question: try questions?.question(trace.question, in: "traces"))
        }
        var seen: Set<[String?]> = []
        var selection = Selection<Trace>()
        for (row, unmet) in zip(traces, try condition.reasons(traces)) {
            let trace = row.trace
            let reason: String?
            if options[Self.endMarker], trace.finish != .stop {
                reason = "no end marker"
            } else if let unfit = limits.reason(trace.tokens, "\(trace.tokens) tokens") {
                reason = unfit
            } else if dropsLeaks, let question = row.question,
                try question.isLeaked(by: trace.trace)
            {
                reason = "states the answer without working it out"
            } else if let unmet {
                reason = unmet
            } else if dropsDuplicates,
                !seen.insert([trace.question, trace.trace, trace.hint]).inserted
            {
                reason = "duplicate"
            } else {
                reason = nil
            }
            selection.add(trace, question: trace.question, sample: trace.sample, unless: reason)
        }
        try selection.write(
            to: "traces", of: context, name: "trace", input: "traces")
    }
}

/// A trace with its question, if the stage has the questions.
private struct AskedTrace: Sendable {
    let trace: Trace
    let question: Question?
}
