import Pipeline
import Reasoning

/// The training examples that a stage selects, after those that are mixed in, and the questions without
/// examples.
struct TrainingSetBuilder {
    static let originalInput = StageKind.Input(
        "original", .dataset, isRequired: false, "Examples to mix in.")
    static let mix = Option(
        "mix", default: true, "Whether to include the examples of `original`, before the others.")

    private var examples: [Example] = []
    private(set) var questions: Set<String> = []

    /// Throws if there are no examples to mix in.
    @Sendable static func check(_ settings: StageSettings) throws(OptionMistake) {
        if settings.options[mix], settings.inputs["original"] == nil {
            throw .missingInput(
                "original", for: .option("mix"),
                because: "`mix: true` puts its examples first; set `mix: false`")
        }
    }

    /// `selected` together with the examples of `original` if `mix` is set.
    static func mixed(_ selected: ArtifactSize, _ settings: WorkSettings) -> ArtifactSize {
        guard settings.options[mix] else { return selected }
        let original = settings["original"]
        return ArtifactSize(
            rows: original.rows + selected.rows, tokens: original.tokens + selected.tokens)
    }

    /// Starts with the examples of `original` if `mix` is set.
    init(_ context: StageContext) throws {
        guard context[Self.mix] else { return }
        examples = try JSONLines.read(Example.self, in: context.required("original"))
    }

    /// Adds an example that is not mixed in.
    mutating func add(_ example: Example) {
        questions.insert(example.question)
        examples.append(example)
    }

    /// Writes the examples to the output `data`, and an exclusion for each question without an example: with
    /// the reason `unfit` if the question is in `known`, which has candidates, otherwise with the reason
    /// `missing`. Throws if there is no example, and warns if all are mixed in; `name` and `input` are for
    /// these messages.
    func write(
        of all: QuestionTable, having known: Set<String>, _ unfit: String,
        orElse missing: String, name: String, input: String, in context: StageContext
    ) throws {
        guard !examples.isEmpty else { throw StageError.empty(name, input: input) }
        if questions.isEmpty {
            context.emit(
                .warning(
                    "the input `\(input)` has no \(name): only the examples of `original` are left")
            )
        }
        let exclusions = all.questions.map(\.id).filter { !questions.contains($0) }.map {
            Exclusion(question: $0, sample: nil, reason: known.contains($0) ? unfit : missing)
        }
        let directory = context.output("data")
        try JSONLines.write(examples, in: directory)
        try JSONLines.write(exclusions, in: directory)
        context.emit(.metric(name: "examples", step: 0, value: Double(examples.count)))
        context.emit(.metric(name: "excluded_questions", step: 0, value: Double(exclusions.count)))
    }
}
