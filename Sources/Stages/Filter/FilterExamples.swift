import Pipeline
import Reasoning
import RowQuery

/// `filter.examples`: leaves out examples that overlap with a test question, are duplicates or do not satisfy a
/// condition. Every exclusion is a row with its reason.
struct FilterExamples: Stage {
    static let duplicates = Option(
        "duplicates", Disposal.self, default: .drop,
        "What to do with an example that has the question, trace and answer of an earlier one.")

    static let kind = StageKind(
        name: "filter.examples", version: 3,
        summary: "Excludes training examples, with the reason.",
        inputs: [.init("data", .dataset, "The examples."), Decontamination.input],
        outputs: [.init("data", .dataset, "The examples that are kept, and the exclusions.")],
        options: [
            Decontamination.ngram, RowFilter.option(columns),
            duplicates,
        ],
        checks: [
            Decontamination.check,
            { settings in
                _ = try RowFilter(settings.options, columns: columns)
            },
        ],
        work: { StageWork(outputs: ["data": $0["data"]]) })

    private static let columns: [Column<Example>] = [
        .text("question", \.question), .text("text", \.text), .text("trace", \.trace),
        .text("answer", \.answer), .real("weight", \.weight), .integer("level", \.level),
        .text("source", \.source.rawValue), .integer("sample", \.sample),
    ]

    func run(in context: StageContext) async throws {
        let condition = try RowFilter(context.options, columns: Self.columns)
        let test = try Decontamination(context)
        let dropsDuplicates = context[Self.duplicates] == .drop
        let examples = try JSONLines.read(Example.self, in: context.required("data"))
        var seen: Set<[String]> = []
        var selection = Selection<Example>()
        for (example, unmet) in zip(examples, try condition.reasons(examples)) {
            let content = [example.question, example.trace, example.answer]
            let reason: String?
            if let overlap = test.reason(example.text, example.trace) {
                reason = overlap
            } else if let unmet {
                reason = unmet
            } else if dropsDuplicates, !seen.insert(content).inserted {
                reason = "duplicate"
            } else {
                reason = nil
            }
            selection.add(
                example, question: example.question, sample: example.sample, unless: reason)
        }
        try selection.write(
            to: "data", of: context, name: "example", input: "data")
    }
}
