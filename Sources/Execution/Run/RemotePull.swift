import Files
import Pipeline
import Store

/// Fetches the results of a plan from a shared cache, without running anything.
package struct RemotePull: Hashable, Sendable {
    /// The stages whose results were fetched, those whose results were in the store, and those whose results are in
    /// neither, in the order of the plan.
    package private(set) var fetched: [String] = []
    package private(set) var present: [String] = []
    package private(set) var missing: [String] = []

    /// The stages whose cache keys are unknown, because the result of an earlier stage is missing.
    package private(set) var unknown: [String] = []

    /// The size of the fetched objects in bytes.
    package private(set) var bytes = 0

    /// Goes through the plan as far as results are known. The stages whose keys become known together are fetched
    /// together.
    package init(_ plan: Plan, from remote: RemoteCache, into store: Store) throws {
        var walk = PlanWalk<FinishedExecution>(plan)
        var known = KnownOutputs()
        var came: Set<Digest> = []
        func advance() -> [Digest] {
            walk.advance { step in
                let stage = plan.stages[step.place]
                guard let key = step.document?.key else {
                    unknown.append(stage.id)
                    return nil
                }
                guard let answer = step.answer else {
                    missing.append(stage.id)
                    return nil
                }
                if came.contains(key) { fetched.append(stage.id) } else { present.append(stage.id) }
                known.remember(stage, answer.outputs, answer.id)
                return answer.outputs
            }
        }
        while case let keys = advance(), !keys.isEmpty {
            var answers = try store.finishedExecutions(keys).filter(\.value.isPresent)
            let open = Set(keys).subtracting(answers.keys)
            if !open.isEmpty {
                let requests = plan.stages.compactMap { stage -> RemoteCache.Request? in
                    let document = known.document(of: stage)
                    guard open.contains(document.key) else { return nil }
                    return .init(
                        document: document, outputs: stage.outputs, inputs: known.edges(of: stage))
                }
                let answer = try remote.fetch(requests, into: store)
                bytes += answer.bytes
                came.formUnion(answer.keys)
                answers.merge(
                    try store.finishedExecutions(open.sorted()).filter(\.value.isPresent)
                ) { $1 }
            }
            walk.learn(answers, of: keys)
        }
    }
}
