/// What a run would do with one stage.
package enum StageForecast: Hashable, Sendable {
    /// Its outputs are there already.
    case cached

    /// It goes on from a checkpoint; `total` if the stage told how far it goes.
    case resumes(step: Int, total: Int?)

    /// It runs; each reason is one line.
    case runs(reasons: [String])

    /// It runs if an input changes: the stages named run first, and only then is its key known.
    case waits(on: [String])
}

/// What a run of a plan would do, found out without running anything.
package struct Forecast: Sendable {
    /// In the order of the plan.
    package let entries: [Entry]

    package struct Entry: Sendable {
        package let stage: PlannedStage
        package let forecast: StageForecast

        /// `nil` while an input is unknown.
        package let document: KeyDocument?
    }

    /// What is known from earlier runs.
    package struct History {
        /// The outputs, by name, of the finished execution with a key; `nil` if there is none.
        package let outputs: (Digest) -> [String: Digest]?

        /// The last key document of the stage with an id; `nil` if it has never run.
        package let lastDocument: (String) -> KeyDocument?

        /// How far an unfinished execution with a key came; `nil` if nothing of it was kept.
        package let checkpoint: (Digest) -> Checkpoint?

        package init(
            outputs: @escaping (Digest) -> [String: Digest]?,
            lastDocument: @escaping (String) -> KeyDocument?,
            checkpoint: @escaping (Digest) -> Checkpoint?
        ) {
            self.outputs = outputs
            self.lastDocument = lastDocument
            self.checkpoint = checkpoint
        }
    }

    /// Where an unfinished execution can go on.
    package struct Checkpoint: Hashable, Sendable {
        package let step: Int
        package let total: Int?

        package init(step: Int, total: Int?) {
            self.step = step
            self.total = total
        }
    }

    package init(of plan: Plan, history: History) {
        var known = [OutputReference: Digest]()
        var entries = [Entry]()
        for stage in plan.stages {
            let unknown = Set(stage.inputs.values.joined().filter { known[$0] == nil }.map(\.stage))
            guard unknown.isEmpty else {
                let forecast = Self.forecast(of: stage, waitingOn: unknown, history)
                entries.append(Entry(stage: stage, forecast: forecast, document: nil))
                continue
            }
            let document = stage.keyDocument(
                inputs: stage.inputs.mapValues { $0.compactMap { known[$0] } })
            let forecast: StageForecast
            if let outputs = history.outputs(document.key) {
                forecast = .cached
                for (name, digest) in outputs {
                    known[OutputReference(stage: stage.id, output: name)] = digest
                }
            } else if let checkpoint = history.checkpoint(document.key) {
                forecast = .resumes(step: checkpoint.step, total: checkpoint.total)
            } else {
                let last = history.lastDocument(stage.id)
                forecast = .runs(reasons: Self.reasons(document, last: last))
            }
            entries.append(Entry(stage: stage, forecast: forecast, document: document))
        }
        self.entries = entries
    }

    package subscript(id: String) -> StageForecast? {
        entries.first { $0.stage.id == id }?.forecast
    }

    /// Why a stage with this document runs, given the one it last finished with.
    package static func reasons(_ document: KeyDocument, last: KeyDocument?) -> [String] {
        guard let last else { return ["it has never run"] }
        let differences = document.differences(from: last)
        return differences.isEmpty ? ["its last execution did not finish"] : differences
    }

    /// A stage with other options than before runs whatever its inputs turn out to be.
    private static func forecast(
        of stage: PlannedStage, waitingOn unknown: Set<String>, _ history: History
    ) -> StageForecast {
        guard let last = history.lastDocument(stage.id) else {
            return .runs(reasons: ["it has never run"])
        }
        let reasons = stage.keyDocument(inputs: [:]).definitionDifferences(from: last)
        return reasons.isEmpty ? .waits(on: unknown.sorted()) : .runs(reasons: reasons)
    }
}
