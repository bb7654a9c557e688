import Pipeline
import Store

/// Determines why a stage of a run starts, from the records of earlier runs in the store.
struct StartReason {
    let store: Store
    let pipeline: String
    let plan: Plan

    /// The maximum number of upstream stages that are searched for the cause of a change.
    private static let depth = 64

    /// The reason in one line. `documents` contains the key documents of the stages whose inputs are known, by their
    /// index in the plan.
    func line(
        for stage: PlannedStage, _ document: KeyDocument, _ documents: [Int: KeyDocument]
    ) throws -> String {
        let memory = PipelineMemory(store, pipeline: pipeline)
        let reasons = RunReasons(try memory.history(of: [stage.id]))
        var lineage = Lineage()
        let old = reasons.lastDocument(of: stage.id)
        if let origin = reasons.origin(for: stage.id, document, old: old) {
            lineage = try memory.lineage(of: [origin])
            for (stage, document) in above(stage, documents) { lineage.add(stage, document) }
        }
        return reasons.lines(
            for: stage.id, document, old: old,
            answer: try memory.answers(to: [document.key])[document.key], lineage: lineage
        )
        .joined(separator: "; ")
    }

    /// The stage and its nearest upstream stages.
    private func above(
        _ stage: PlannedStage, _ documents: [Int: KeyDocument]
    ) -> [(PlannedStage, KeyDocument)] {
        var ids = [stage.id]
        var seen = Set(ids)
        var next = 0
        while next < ids.count, ids.count < Self.depth {
            for id in plan[ids[next]]?.after.sorted() ?? [] where seen.insert(id).inserted {
                ids.append(id)
            }
            next += 1
        }
        return ids.compactMap { id in
            guard let place = plan.place(of: id), let document = documents[place] else {
                return nil
            }
            return (plan.stages[place], document)
        }
    }
}
