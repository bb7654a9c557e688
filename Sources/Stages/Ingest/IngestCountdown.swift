import Pipeline
import Reasoning

/// `ingest.countdown`: generated Countdown questions, demonstrations and the fixed test questions.
struct IngestCountdown: Stage {
    static let kind = StageKind(
        name: "ingest.countdown", version: 2,
        summary: "Generates Countdown questions, demonstrations and the fixed test questions.",
        outputs: GeneratedQuestions.outputs, options: GeneratedQuestions.options,
        checks: [GeneratedQuestions.check],
        work: { GeneratedQuestions.work(Countdown.self, $0.options) })

    func run(in context: StageContext) async throws {
        try GeneratedQuestions.write(Countdown.self, in: context)
    }
}
