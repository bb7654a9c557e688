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
        let history = try memory.history(of: plan.stages.map(\.id))
        var survey = Survey(plan: plan, forced: forced, history: history)
        var walk = PlanWalk(plan, answers: history.answers, forced: forced)
        while case let keys = walk.advance({ survey.settle($0) }), !keys.isEmpty {
            walk.learn(try memory.answers(to: keys), of: keys)
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
    private var answers: [StageHistory.Answer?]
    private var documents: [KeyDocument?]

    /// The last key documents of stages that run, if needed.
    private var lastDocuments: [Int: KeyDocument] = [:]

    /// The forecasts; `nil` for stages that run for reasons that are determined later.
    private var forecasts: [StageForecast?]

    init(plan: Plan, forced: Set<String>, history: StageHistory) {
        self.plan = plan
        self.forced = forced
        reasons = RunReasons(history)
        answers = plan.stages.map { _ in nil }
        documents = plan.stages.map { _ in nil }
        forecasts = plan.stages.map { _ in nil }
    }

    /// Decides about a stage; returns its outputs if they are there.
    mutating func settle(_ step: PlanWalk<StageHistory.Answer>.Step) -> [String: Digest]? {
        let stage = plan.stages[step.place]
        // Without all files, the key is not that of the stage.
        guard stage.missing.isEmpty else {
            forecasts[step.place] = .runs(reasons: [RunReasons.missing(stage.missing)])
            return nil
        }
        documents[step.place] = step.document
        answers[step.place] = step.answer
        if forced.contains(stage.id) {
            forecasts[step.place] = .runs(reasons: [RunReasons.forced])
        } else if !step.unknown.isEmpty {
            forecasts[step.place] = forecast(of: stage, waitingOn: step.unknown)
        } else if let outputs = step.answer?.outputs, step.answer?.missing.isEmpty == true {
            forecasts[step.place] = .cached
            return outputs
        } else if let checkpoint = step.answer?.checkpoint {
            forecasts[step.place] = .resumes(step: checkpoint, total: Self.steps(of: stage))
        }
        return nil
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
            answer: answers[place], lineage: lineage)
    }

    /// A stage whose options changed runs regardless of its inputs.
    private func forecast(
        of stage: PlannedStage, waitingOn unknown: Set<String>
    ) -> StageForecast {
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
