import Files
import Pipeline

/// The records of the earlier runs of one pipeline in a store.
package struct PipelineMemory: StageMemory {
    private let store: Store
    private let pipeline: String

    package init(_ store: Store, pipeline: String) {
        self.store = store
        self.pipeline = pipeline
    }

    package func history(of stages: [String]) throws -> StageHistory {
        let attempts = try store.lastAttempts(pipeline: pipeline, stages: stages)
        let last = attempts.map { ($0.stage, $0.attempt) }
        return StageHistory(
            last: Dictionary(last, uniquingKeysWith: { first, _ in first }),
            answers: try answers(to: attempts.map(\.key)))
    }

    package func answers(to keys: [Digest]) throws -> [Digest: StageHistory.Answer] {
        var answers = try store.finishedExecutions(keys).mapValues {
            StageHistory.Answer(outputs: $0.outputs, missing: $0.missing)
        }
        let open = keys.filter { answers[$0].map { !$0.missing.isEmpty } ?? true }
        guard !open.isEmpty else { return answers }
        for (key, step) in try store.checkpoints(open) {
            answers[key, default: StageHistory.Answer()].checkpoint = step
        }
        if !store.usesImported {
            for (key, record) in try store.imports(open) {
                answers[key, default: StageHistory.Answer()].unusedSource = record.text
            }
        }
        return answers
    }

    package func lineage(of executions: [Lineage.Origin]) throws -> Lineage {
        try store.lineage(of: executions)
    }
}

extension Store {
    /// The history of stages of a pipeline, loaded at once.
    package func history(pipeline: String, stages: [String]) throws -> StageHistory {
        try PipelineMemory(self, pipeline: pipeline).history(of: stages)
    }
}
