import Pipeline
import Reasoning

/// `ingest.countdown`: generated Countdown questions, demonstrations and the fixed test questions.
struct IngestCountdown: Stage {
    static let kind = StageKind(
        name: "ingest.countdown", version: 3,
        summary: "Generates Countdown questions, demonstrations and the fixed test questions.",
        inputs: GeneratedQuestions.inputs, outputs: GeneratedQuestions.outputs,
        options: GeneratedQuestions.options,
        checks: [GeneratedQuestions.check],
        work: { GeneratedQuestions.work(Countdown.self, $0) })

    func run(in context: StageContext) async throws {
        try GeneratedQuestions.write(Countdown.self, in: context)
    }
}
