import Pipeline
import Reasoning

/// `ingest.modular`: generated modular arithmetic questions, demonstrations and the fixed test questions.
struct IngestModular: Stage {
    static let kind = StageKind(
        name: "ingest.modular", version: 2,
        summary:
            "Generates modular arithmetic questions, demonstrations and the fixed test questions.",
        inputs: GeneratedQuestions.inputs, outputs: GeneratedQuestions.outputs,
        options: GeneratedQuestions.options,
        checks: [GeneratedQuestions.check],
        work: { GeneratedQuestions.work(Modular.self, $0) })

    func run(in context: StageContext) async throws {
        try GeneratedQuestions.write(Modular.self, in: context)
    }
}
