import JSON
import Pipeline
import Store

/// What a run came to, for programs.
package struct RunFigures {
    private let run: RunRecord
    private let results: RunResults
    private let outcomes: StageOutcomes

    package init(_ run: RunRecord, in store: Store) throws {
        self.run = run
        results = try RunResults(of: run.id, in: store)
        outcomes = StageOutcomes(try store.stages(run.id))
    }

    package var json: JSONValue {
        .object([
            "run": JSONText.run(run),
            "accuracy": .array(results.accuracy.map(Self.accuracy)),
            "arms": .array(results.arms.map(Self.arm)),
            "bounds": .array(results.bounds.map(Self.bound)),
            "gradient_mass": .array(results.gradientMass.map(Self.gradientMass)),
            "claims": .array(results.claims.map(Self.claim)),
            "outcomes": .object([
                "ran": .integer(outcomes.ran), "cached": .integer(outcomes.cached),
                "failed": .integer(outcomes.failed), "cancelled": .integer(outcomes.cancelled),
                "skipped": .integer(outcomes.skipped),
            ]),
        ])
    }

    private static func accuracy(_ figure: AccuracyFigure) -> JSONValue {
        .object([
            "stage": .string(figure.stage), "label": .string(figure.label),
            "level": JSONText.optional(figure.level), "measure": .string(figure.measure),
            "value": JSONText.optional(figure.value), "low": JSONText.optional(figure.low),
            "high": JSONText.optional(figure.high), "questions": .integer(figure.questions),
            "samples": .integer(figure.samples),
        ])
    }

    private static func arm(_ figure: ArmFigure) -> JSONValue {
        .object([
            "stage": .string(figure.stage), "label": .string(figure.label),
            "level": JSONText.optional(figure.level), "measure": .string(figure.measure),
            "value": JSONText.optional(figure.value), "low": JSONText.optional(figure.low),
            "high": JSONText.optional(figure.high), "questions": .integer(figure.questions),
            "replicates": JSONText.optional(figure.replicates),
        ])
    }

    private static func bound(_ figure: BoundFigure) -> JSONValue {
        .object([
            "stage": .string(figure.stage), "k": .integer(figure.k),
            "value": JSONText.optional(figure.value), "low": JSONText.optional(figure.low),
            "high": JSONText.optional(figure.high), "questions": .integer(figure.questions),
        ])
    }

    private static func gradientMass(_ mass: GradientMass) -> JSONValue {
        .object([
            "name": .string(mass.name), "method": .string(mass.method),
            "group_size": .integer(mass.groupSize), "low": JSONText.optional(mass.low),
            "high": JSONText.optional(mass.high), "questions": .integer(mass.questions),
            "accuracy": JSONText.optional(mass.accuracy),
            "weight": JSONText.optional(mass.weight),
            "weight_error": JSONText.optional(mass.weightError),
            "exact": JSONText.optional(mass.exact),
            "loss_share": JSONText.optional(mass.lossShare),
            "gradient_share": JSONText.optional(mass.gradientShare),
            "example_share": JSONText.optional(mass.exampleShare),
        ])
    }

    private static func claim(_ claim: ClaimFigure) -> JSONValue {
        .object([
            "id": .string(claim.id), "claim": .string(claim.claim),
            "measured": .string(claim.measured),
            "value": JSONText.optional(claim.value), "low": JSONText.optional(claim.low),
            "high": JSONText.optional(claim.high), "unit": .string(claim.unit),
            "yardstick": .string(claim.yardstick),
            "questions": JSONText.optional(claim.questions),
            "replicates": JSONText.optional(claim.replicates), "finding": .string(claim.finding),
        ])
    }
}
