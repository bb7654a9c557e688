import Files
import Pipeline
import Store

/// Determines, without writing, whether all stages of a plan are cached.
package enum CachedPlan {
    /// The execution of every stage, in the order of the plan; `nil` if a stage has to run.
    package static func executions(
        of plan: Plan, in store: Store
    ) throws -> [(stage: String, ExecutionID)]? {
        var walk = PlanWalk<FinishedExecution>(plan)
        var found: [Int: ExecutionID] = [:]
        func advance() -> [Digest] {
            walk.advance { step in
                found[step.place] = step.answer?.id
                return step.answer?.outputs
            }
        }
        while case let keys = advance(), !keys.isEmpty {
            let answers = try store.finishedExecutions(keys)
            guard keys.allSatisfy({ answers[$0]?.isPresent == true }) else { return nil }
            walk.learn(answers, of: keys)
        }
        return plan.stages.enumerated().compactMap { place, stage in
            found[place].map { (stage.id, $0) }
        }
    }
}
