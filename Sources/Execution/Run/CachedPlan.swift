import Pipeline
import Store

/// Determines, without writing, whether all stages of a plan are cached.
package enum CachedPlan {
    /// The execution of every stage, in the order of the plan; `nil` if a stage has to run. Stages are looked up in
    /// groups whose inputs are known.
    package static func executions(
        of plan: Plan, in store: Store
    ) throws -> [(stage: String, ExecutionID)]? {
        var known = KnownOutputs()
        var found: [String: ExecutionID] = [:]
        var rest = plan.stages[...]
        while !rest.isEmpty {
            let ready = rest.prefix { stage in stage.after.allSatisfy { found[$0] != nil } }
            let keys = ready.map { known.document(of: $0).key }
            let answers = try store.finishedExecutions(keys)
            for (stage, key) in zip(ready, keys) {
                guard let answer = answers[key], answer.isPresent else { return nil }
                found[stage.id] = answer.id
                known.remember(stage, answer.outputs, answer.id)
            }
            rest = rest.dropFirst(ready.count)
        }
        return plan.stages.compactMap { stage in found[stage.id].map { (stage.id, $0) } }
    }
}
