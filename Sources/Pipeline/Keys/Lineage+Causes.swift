extension Lineage {
    /// The causes of the change of the input `name` from `old` to `new`, without duplicates, the nearest first.
    /// Inspects at most `limit` ancestors.
    package func causes(
        ofInput name: String, _ new: Origin, since old: Origin, limit: Int = .max
    ) -> [InputCause] {
        var search = CauseSearch(lineage: self, limit: limit)
        return search.causes(of: [name], new, old)
    }

    /// The causes of the changes of the inputs from `old` to `new`.
    package func causes(_ new: Origin, since old: Origin, limit: Int = .max) -> [InputCause] {
        var search = CauseSearch(lineage: self, limit: limit)
        return search.causes(of: nil, new, old)
    }
}

/// Walks up two lineages in parallel, breadth first, so that the depth of recursion does not depend on the length of a
/// chain of stages.
private struct CauseSearch {
    let lineage: Lineage
    let limit: Int

    private var steps: [Step] = []
    private var seen: Set<Pair> = []
    private var causes: [InputCause] = []

    init(lineage: Lineage, limit: Int) {
        self.lineage = lineage
        self.limit = limit
    }

    private struct Pair: Hashable {
        let new: Lineage.Origin
        let old: Lineage.Origin
    }

    private struct Step {
        let pair: Pair
        let name: String

        /// The downstream step that reads this one; `nil` for the first.
        let below: Int?
    }

    /// Finds the causes. `names` are the inputs to inspect; `nil` means all.
    mutating func causes(
        of names: [String]?, _ new: Lineage.Origin, _ old: Lineage.Origin
    ) -> [InputCause] {
        look(above: Pair(new: new, old: old), names, below: nil)
        var place = 0
        while place < steps.count, place < limit {
            let step = steps[place]
            visit(step, place)
            place += 1
        }
        if causes.isEmpty, let first = steps.first {
            causes.append(InputCause(path: [first.name], change: .unknown))
        }
        return causes
    }

    private mutating func visit(_ step: Step, _ place: Int) {
        guard
            let new = lineage.nodes[step.pair.new].flatMap({ KeyDocument(canonical: $0.document) }),
            let old = lineage.nodes[step.pair.old].flatMap({ KeyDocument(canonical: $0.document) })
        else { return add(.unknown, at: place) }
        if new == old { return add(.bytes, at: place) }
        let lines = new.definitionDifferences(from: old)
        if !lines.isEmpty { add(.definition(lines), at: place) }
        look(above: step.pair, nil, below: place)
    }

    /// Finds the inputs of a pair that differ.
    private mutating func look(above pair: Pair, _ names: [String]?, below: Int?) {
        guard let new = lineage.nodes[pair.new], let old = lineage.nodes[pair.old],
            let newDocument = KeyDocument(canonical: new.document),
            let oldDocument = KeyDocument(canonical: old.document)
        else { return }
        for (name, digests) in newDocument.inputs.sorted(by: { $0.key < $1.key })
        where names?.contains(name) ?? true {
            guard let before = oldDocument.inputs[name], before != digests else { continue }
            let sources = new.inputs[name] ?? []
            let oldSources = old.inputs[name] ?? []
            guard digests.count == before.count, sources.count == digests.count,
                oldSources.count == before.count
            else {
                let change = InputCause.Change.count(
                    input: name, now: digests.count, before: before.count)
                if digests.count != before.count { add(change, at: below) }
                continue
            }
            for place in digests.indices where digests[place] != before[place] {
                follow(sources[place], oldSources[place], input: name, below: below)
            }
        }
    }

    private mutating func follow(
        _ new: Lineage.Source, _ old: Lineage.Source, input: String, below: Int?
    ) {
        let names = lineage.nodes[new.origin]?.names ?? []
        let oldNames = lineage.nodes[old.origin]?.names ?? []
        if let name = names.first, let oldName = oldNames.first,
            new.output != old.output || Set(names).isDisjoint(with: oldNames)
        {
            let change = InputCause.Change.source(
                input: input, now: "\(name).\(new.output)", before: "\(oldName).\(old.output)")
            return add(change, at: below)
        }
        let pair = Pair(new: new.origin, old: old.origin)
        guard let name = names.first, seen.insert(pair).inserted else { return }
        steps.append(Step(pair: pair, name: name, below: below))
    }

    private mutating func add(_ change: InputCause.Change, at place: Int?) {
        var path: [String] = []
        var place = place
        while let step = place.map({ steps[$0] }) {
            path.append(step.name)
            place = step.below
        }
        let cause = InputCause(path: path.reversed(), change: change)
        if !causes.contains(cause) { causes.append(cause) }
    }
}
