import Files
import Pipeline

/// The memory of a store, completed by the manifests of a shared cache. For forecasts; nothing is fetched but
/// manifests.
package struct RemoteMemory<Local: StageMemory>: StageMemory {
    private let local: Local
    private let remote: RemoteCache

    package init(_ local: Local, _ remote: RemoteCache) {
        self.local = local
        self.remote = remote
    }

    package func history(of stages: [String]) throws -> StageHistory {
        var history = try local.history(of: stages)
        // These keys are asked for again, together with the others, so that the cache answers for them too.
        history.answers = [:]
        return history
    }

    package func answers(to keys: [Digest]) throws -> [Digest: StageHistory.Answer] {
        var answers = try local.answers(to: keys)
        let open = keys.filter {
            answers[$0].map { $0.outputs == nil || !$0.missing.isEmpty } ?? true
        }
        for (key, outputs) in try remote.outputs(of: open) {
            answers[key] = StageHistory.Answer(outputs: outputs)
        }
        return answers
    }

    package func lineage(of executions: [Lineage.Origin]) throws -> Lineage {
        try local.lineage(of: executions)
    }
}
