import Pipeline
import Reasoning

/// `filter`: leaves out traces that are of no use for training; every exclusion is a row with its reason.
struct FilterTraces: Stage {
    static let kind = StageKind(
        name: "filter", version: 2,
        summary: "Leaves out traces without end, too long or drawn before, with the reason.",
        inputs: [.init("traces", .traces, isGathered: true, "The traces.")],
        outputs: [.init("traces", .traces, "The traces that stay, and the exclusions.")],
        options: [
            .init(
                "end_marker", .flag, default: .flag(true),
                "Whether a trace must have its end marker."),
            .init(
                "max_tokens", .integer(1...1_000_000), default: .null,
                "Longest trace, the end marker included; without it any."),
            .init(
                "duplicates", .choice(["keep", "drop"]), default: .text("drop"),
                "What happens to a trace that an earlier one of its question equals."),
        ])

    func run(in context: StageContext) async throws {
        let options = context.options
        let limit = options.isGiven("max_tokens") ? options.integer("max_tokens") : .max
        let dropsDuplicates = options.text("duplicates") == "drop"
        var seen: Set<[String]> = []
        var (kept, exclusions) = ([Trace](), [Exclusion]())
        for trace in try Artifact.traces(context.inputs["traces"] ?? []) {
            let reason: String?
            if options.flag("end_marker"), trace.finish != .stop {
                reason = "no end marker"
            } else if trace.tokens > limit {
                reason = "\(trace.tokens) tokens, more than \(limit)"
            } else if dropsDuplicates, !seen.insert([trace.question, trace.trace]).inserted {
                reason = "duplicate"
            } else {
                reason = nil
            }
            if let reason {
                exclusions.append(
                    Exclusion(question: trace.question, sample: trace.sample, reason: reason))
            } else {
                kept.append(trace)
            }
        }
        guard !kept.isEmpty else { throw StageError.empty("trace that stays", input: "traces") }
        try JSONLines.write(kept, to: context.output("traces") + "/traces.jsonl")
        try JSONLines.write(exclusions, to: context.output("traces") + "/exclusions.jsonl")
        context.emit(.metric(name: "kept", step: 0, value: Double(kept.count)))
        context.emit(.metric(name: "excluded", step: 0, value: Double(exclusions.count)))
    }
}
