import Pipeline
import Store

/// Why a stage of a run starts, by what the store remembers of earlier runs.
struct StartReason {
    let store: Store
    let pipeline: String
    let plan: Plan

    /// How many stages above one are asked for the cause of a change.
    private static let depth = 64

    /// One line. `documents` are those of the stages whose inputs are known, by their places in the plan.
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

    /// The stage and the nearest ones above it.
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
