import Pipeline
import Reasoning

/// The examples that a stage chooses to learn from, behind those that are mixed in, and the questions that it found
/// none for.
struct TrainingSetBuilder {
    static let originalInput = StageKind.Input(
        "original", .dataset, isRequired: false, "Examples to mix in.")
    static let mix = Option("mix", default: true, "Whether the examples of `original` come first.")

    private var examples: [Example] = []
    private(set) var questions: Set<String> = []

    /// Begins with the examples of `original`, if `mix` says so.
    init(_ context: StageContext) throws {
        guard context[Self.mix] else { return }
        guard let original = context.input("original") else {
            throw StageError.missingInput(
                "original", because: "`mix: true` puts its examples first; set `mix: false`")
        }
        examples = try Artifact.examples(original)
    }

    mutating func add(_ example: Example) {
        questions.insert(example.question)
        examples.append(example)
    }

    /// Writes the examples to the output `data`, and a row for each question that none was chosen for: `unfit` is why
    /// where there was something to choose from, which `known` has, and `missing` why elsewhere. Throws if there is no
    /// example, and says so if all are those mixed in: `name` says of what, `input` where it should have come from.
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
        try JSONLines.write(examples, to: directory + "/examples.jsonl")
        try JSONLines.write(exclusions, to: directory + "/exclusions.jsonl")
        context.emit(.metric(name: "examples", step: 0, value: Double(examples.count)))
        context.emit(.metric(name: "excluded_questions", step: 0, value: Double(exclusions.count)))
    }
}
