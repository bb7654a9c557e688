import JSON
import Store

/// The figures of a run, as JSON.
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
            "accuracy": .array(results.accuracy.map { JSONText.value($0, without: "replicates") }),
            "arms": .array(results.arms.map { JSONText.value($0, without: "samples") }),
            "costs": JSONText.value(results.costs),
            "accuracy_by_replicate": JSONText.value(results.replicates),
            "candidates": JSONText.value(results.candidates),
            "bounds": JSONText.value(results.bounds),
            "gradient_mass": JSONText.value(results.gradientMass),
            "claims": JSONText.value(results.claims),
            "outcomes": JSONText.value(outcomes),
        ])
    }
}
