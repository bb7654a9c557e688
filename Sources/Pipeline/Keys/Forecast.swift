import Files

/// The predicted action of a run for a stage.
package enum StageForecast: Hashable, Sendable {
    /// A cached result exists.
    case cached

    /// The stage resumes from a checkpoint; `total` is its number of steps, if known.
    case resumes(step: Int, total: Int?)

    /// The stage runs; each reason is one line.
    case runs(reasons: [String])

    /// The stage has the same cache key as another stage that runs, and shares its execution.
    case same(as: String)

    /// The stage waits for the named stages to run. Its cache key depends on their outputs.
    case waits(on: [String])
}

/// Predicts what a run of a plan would do, without running anything.
package struct Forecast: Sendable {
    /// In the order of the plan.
    package let entries: [Entry]

    package struct Entry: Sendable {
        package let stage: PlannedStage
        package let forecast: StageForecast

        /// The key document; `nil` while an input is unknown.
        package let document: KeyDocument?
    }

    /// Makes the forecast. Stages in `forced` run even if they are cached.
    package init(of plan: Plan, memory: some StageMemory, forced: Set<String> = []) throws {
        var survey = Survey(
            plan: plan, forced: forced, history: try memory.history(of: plan.stages.map(\.id)))
        while case let keys = survey.settle(), !keys.isEmpty {
            survey.learn(try memory.answers(to: keys), of: keys)
        }
        let origins = survey.origins()
        entries = survey.entries(lineage: try memory.lineage(of: origins))
    }

    package subscript(id: String) -> StageForecast? {
        entries.first { $0.stage.id == id }?.forecast
    }
}

/// The stages decided so far.
private struct Survey {
    let plan: Plan
    let forced: Set<String>
    let reasons: RunReasons
    private var answers: [Digest: StageHistory.Answer]
    private var known: [OutputReference: Digest] = [:]
    private var documents: [KeyDocument?]

    /// The last key documents of stages that run, if needed.
    private var lastDocuments: [Int: KeyDocument] = [:]

    /// The forecasts; `nil` for stages that run for reasons that are determined later.
    private var forecasts: [StageForecast?]

    /// The stages whose outputs are unknown before the run.
    private var running: Set<String> = []
    private var pending: [Int]

    init(plan: Plan, forced: Set<String>, history: StageHistory) {
        self.plan = plan
        self.forced = forced
        reasons = RunReasons(history)
        answers = history.answers
        documents = plan.stages.map { _ in nil }
        forecasts = plan.stages.map { _ in nil }
        pending = Array(plan.stages.indices)
    }

    /// Decides as many stages as possible. Returns the cache keys that must be looked up next; empty once all stages
    /// are decided.
    mutating func settle() -> [Digest] {
        var open: Set<String> = []
        var keys: [Digest] = []
        var rest: [Int] = []
        for place in pending {
            let stage = plan.stages[place]
            let producers = Set(stage.inputs.values.joined().map(\.stage))
            if !open.isEmpty, !producers.isDisjoint(with: open) {
                open.insert(stage.id)
                rest.append(place)
                continue
            }
            let unknown = producers.intersection(running)
            if !unknown.isEmpty {
                running.insert(stage.id)
                forecasts[place] = forecast(of: stage, waitingOn: unknown)
                continue
            }
            let document =
                documents[place]
                ?? stage.keyDocument(
                    inputs: stage.inputs.mapValues { $0.compactMap { known[$0] } })
            documents[place] = document
            if forced.contains(stage.id) {
                running.insert(stage.id)
                forecasts[place] = .runs(reasons: [RunReasons.forced])
            } else if let answer = answers[document.key] {
                settle(place, answer)
            } else {
                open.insert(stage.id)
                rest.append(place)
                keys.append(document.key)
            }
        }
        pending = rest
        return keys
    }

    private mutating func settle(_ place: Int, _ answer: StageHistory.Answer) {
        let stage = plan.stages[place]
        if let outputs = answer.outputs, answer.missing.isEmpty {
            forecasts[place] = .cached
            for (name, digest) in outputs {
                known[OutputReference(stage: stage.id, output: name)] = digest
            }
            return
        }
        running.insert(stage.id)
        if let step = answer.checkpoint {
            forecasts[place] = .resumes(step: step, total: Self.steps(of: stage))
        }
    }

    /// Stores the results of the lookup of cache keys.
    mutating func learn(_ found: [Digest: StageHistory.Answer], of keys: [Digest]) {
        for key in keys { answers[key] = found[key] ?? StageHistory.Answer() }
    }

    /// The executions whose lineage explains why stages run.
    mutating func origins() -> [Lineage.Origin] {
        var origins: [Lineage.Origin] = []
        for place in plan.stages.indices where forecasts[place] == nil {
            let stage = plan.stages[place].id
            guard let document = documents[place], let old = reasons.lastDocument(of: stage) else {
                continue
            }
            lastDocuments[place] = old
            if let origin = reasons.origin(for: stage, document, old: old) {
                origins.append(origin)
            }
        }
        return origins
    }

    func entries(lineage: Lineage) -> [Forecast.Entry] {
        var lineage = lineage
        if !lineage.nodes.isEmpty {
            for (stage, document) in zip(plan.stages, documents) {
                if let document { lineage.add(stage, document) }
            }
        }
        var first: [Digest: String] = [:]
        return plan.stages.indices.map { place in
            let (stage, document) = (plan.stages[place], documents[place])
            var forecast =
                forecasts[place] ?? .runs(reasons: lines(of: place, document, lineage))
            if forecast != .cached, let key = document?.key {
                if let other = first[key] { forecast = .same(as: other) }
                first[key] = first[key] ?? stage.id
            }
            return Forecast.Entry(stage: stage, forecast: forecast, document: document)
        }
    }

    private func lines(
        of place: Int, _ document: KeyDocument?, _ lineage: Lineage
    ) -> [String] {
        guard let document else { return [] }
        return reasons.lines(
            for: plan.stages[place].id, document, old: lastDocuments[place],
            answer: answers[document.key], lineage: lineage)
    }

    /// A stage whose options changed runs regardless of its inputs.
    private func forecast(
        of stage: PlannedStage, waitingOn unknown: Set<String>
    ) -> StageForecast {
        if forced.contains(stage.id) { return .runs(reasons: [RunReasons.forced]) }
        let lines = reasons.definitionLines(for: stage)
        return lines.isEmpty ? .waits(on: unknown.sorted()) : .runs(reasons: lines)
    }

    /// The configured number of steps of a training stage.
    private static func steps(of stage: PlannedStage) -> Int? {
        guard case .integer(let steps)? = stage.options.values["steps"], steps > 0 else {
            return nil
        }
        return steps
    }
}
