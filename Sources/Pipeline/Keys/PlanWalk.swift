import Files

/// A walk over the stages of a plan with the results of earlier runs: the outputs of a stage give the cache keys of the
/// stages that read them. Keys are looked up in batches, as many at a time as are known.
package struct PlanWalk<Answer> {
    /// A stage that was reached, after all stages whose outputs it reads.
    package struct Step {
        package let place: Int

        /// `nil` if an input is unknown before a run.
        package let document: KeyDocument?

        /// The result for the key; `nil` if there is none, and for forced stages.
        package let answer: Answer?

        /// The stages whose outputs it reads and whose outputs are unknown.
        package let unknown: Set<String>
    }

    private let plan: Plan
    private let forced: Set<String>

    /// The results by key; `nil` for keys without a result.
    private var answers: [Digest: Answer?]
    private var documents: [KeyDocument?]
    private var outputs: [OutputReference: Digest] = [:]

    /// The stages whose outputs are unknown before a run.
    private var unknown: Set<String> = []
    private var pending: [Int]

    /// `answers` are results that need not be looked up.
    package init(
        _ plan: Plan, answers: [Digest: Answer] = [:], forced: Set<String> = []
    ) {
        self.plan = plan
        self.forced = forced
        self.answers = answers.mapValues(Optional.some)
        documents = plan.stages.map { _ in nil }
        pending = Array(plan.stages.indices)
    }

    /// Advances as far as results are known, and returns the keys to look up next; none at the end. `visit` is called
    /// once for each step and returns the outputs of the stage; `nil` if they are unknown before a run.
    package mutating func advance(_ visit: (Step) -> [String: Digest]?) -> [Digest] {
        /// The stages whose keys must be looked up, and the stages that read their outputs.
        var open: Set<String> = []
        var keys: [Digest] = []
        var rest: [Int] = []
        for place in pending {
            let stage = plan.stages[place]
            let producers = Set(stage.inputs.values.joined().map(\.stage))
            guard producers.isDisjoint(with: open) else {
                open.insert(stage.id)
                rest.append(place)
                continue
            }
            let unknown = producers.intersection(self.unknown)
            let document = unknown.isEmpty ? self.document(place) : nil
            var answer: Answer?
            if let key = document?.key, !forced.contains(stage.id) {
                guard let known = answers[key] else {
                    open.insert(stage.id)
                    rest.append(place)
                    keys.append(key)
                    continue
                }
                answer = known
            }
            let step = Step(place: place, document: document, answer: answer, unknown: unknown)
            if let digests = visit(step) {
                for (name, digest) in digests {
                    outputs[OutputReference(stage: stage.id, output: name)] = digest
                }
            } else {
                self.unknown.insert(stage.id)
            }
        }
        pending = rest
        return keys
    }

    private mutating func document(_ place: Int) -> KeyDocument {
        if let document = documents[place] { return document }
        let document = plan.stages[place].keyDocument { outputs[$0] }
        documents[place] = document
        return document
    }

    /// Adds the results of looked-up keys.
    package mutating func learn(_ found: [Digest: Answer], of keys: [Digest]) {
        for key in keys { answers[key] = .some(found[key]) }
    }
}
