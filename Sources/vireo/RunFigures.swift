import Pipeline
import Report
import Store

/// What a run came to, for programs.
struct RunFigures {
    let run: RunRecord
    let accuracy: [AccuracyFigure]
    let bounds: [BoundFigure]
    let outcomes: StageOutcomes

    init(_ run: RunRecord, in store: Store) throws {
        self.run = run
        accuracy = try store.accuracy(of: run.id)
        bounds = try store.bounds(of: run.id)
        outcomes = StageOutcomes(try store.stages(run.id))
    }

    var json: Value {
        .table([
            "run": JSONText.run(run),
            "accuracy": .list(
                accuracy.map {
                    .table([
                        "stage": .text($0.stage), "label": .text($0.label),
                        "level": JSONText.optional($0.level), "measure": .text($0.measure),
                        "value": JSONText.optional($0.value), "low": JSONText.optional($0.low),
                        "high": JSONText.optional($0.high), "questions": .integer($0.questions),
                        "samples": .integer($0.samples),
                    ])
                }),
            "bounds": .list(
                bounds.map {
                    .table([
                        "stage": .text($0.stage), "k": .integer($0.k),
                        "value": JSONText.optional($0.value), "low": JSONText.optional($0.low),
                        "high": JSONText.optional($0.high), "questions": .integer($0.questions),
                    ])
                }),
            "outcomes": .table([
                "ran": .integer(outcomes.ran), "cached": .integer(outcomes.cached),
                "failed": .integer(outcomes.failed), "cancelled": .integer(outcomes.cancelled),
                "skipped": .integer(outcomes.skipped),
            ]),
        ])
    }
}
