import Foundation
import Pipeline
import Store

/// Runs a plan: the only process that writes to the store. Stages are decided as soon as their inputs are
/// known: found by their key, or given to a worker.
package struct Coordinator: Sendable {
    /// How a run ended.
    package struct Summary: Hashable, Sendable {
        package var run: RunID
        package var outcome: RunOutcome
        package var ran = 0
        package var cached = 0
        package var failed = 0
        package var skipped = 0
    }

    private let store: Store
    private let options: RunOptions
    private let report: @Sendable (RunEvent) -> Void

    /// `report` is called from several tasks.
    package init(
        store: Store, options: RunOptions, report: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.store = store
        self.options = options
        self.report = report
    }

    /// Runs what is not cached. Cancelling the task stops the workers after they saved what they have.
    package func run(_ plan: Plan, as description: RunDescription) async throws -> Summary {
        let run = try store.startRun(
            description,
            stages: plan.stages.map {
                StageDeclaration(id: $0.id, name: $0.name, kind: $0.kind.name)
            })
        report(.began(stages: plan.stages.map(\.id)))
        var progress = Progress(
            store: store, options: options, plan: plan, run: run, pipeline: description.pipeline,
            report: report)
        try await withThrowingTaskGroup(of: (Int, StageAttempt.Result).self) { group in
            while true {
                for attempt in try progress.start() {
                    group.addTask { (attempt.place, try await attempt.attempt.run()) }
                }
                guard let (place, result) = try await group.next() else { return }
                try progress.finish(place, result)
            }
        }
        return try progress.end()
    }
}

/// What is known in the course of a run.
private struct Progress {
    let store: Store
    let options: RunOptions
    let plan: Plan
    let run: RunID
    let pipeline: String
    let report: @Sendable (RunEvent) -> Void
    private var schedule: Schedule
    private var outputs: [OutputReference: (digest: Digest, producer: ExecutionID)] = [:]
    private var begun:
        [Int: (at: ContinuousClock.Instant, execution: ExecutionID, reason: String)] =
            [:]
    /// Cached stages that are not recorded yet: one transaction serves many.
    private var unrecorded: [StageSettlement] = []
    private var summary: Coordinator.Summary
    private var isStopping = false

    init(
        store: Store, options: RunOptions, plan: Plan, run: RunID, pipeline: String,
        report: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.store = store
        self.options = options
        self.plan = plan
        self.run = run
        self.pipeline = pipeline
        self.report = report
        schedule = Schedule(plan, cores: options.cores, jobs: options.jobs)
        summary = Coordinator.Summary(run: run, outcome: .done)
    }

    /// Settles every cached stage and returns the attempts to begin.
    mutating func start() throws -> [(place: Int, attempt: StageAttempt)] {
        while let place = try schedule.ready.first(where: { try settle($0) }) {
            schedule.set(place, .done)
        }
        if Task.isCancelled { isStopping = true }
        try recordSettled()
        guard !isStopping else { return [] }
        return try schedule.next(holding: twins()).map { place, threads in
            let stage = plan.stages[place]
            let document = document(of: stage)
            let (execution, attempt) = try store.startExecution(
                key: document.key, document: document.canonical, kind: stage.kind.name,
                inputs: edges(of: stage))
            let reason = try reason(for: stage, document)
            try store.recordStages(
                run,
                [
                    StageSettlement(
                        stage: stage.id, outcome: .pending, execution: execution, reason: reason)
                ])
            try note("started", execution, "\(stage.id): \(reason)")
            report(.started(stage: stage.id, reason: reason))
            schedule.set(place, .running(cpus: min(max(1, stage.resources.cpus), options.cores)))
            begun[place] = (.now, execution, reason)
            let work = StageAttempt(
                stage: stage, document: document, inputs: edges(of: stage), threads: threads,
                store: store, options: options, execution: execution, attempt: attempt,
                report: report)
            return (place, work)
        }
    }

    mutating func finish(_ place: Int, _ result: StageAttempt.Result) throws {
        let stage = plan.stages[place]
        let seconds = begun[place].map { (ContinuousClock.now - $0.at) / .seconds(1) } ?? 0
        switch result {
        case .published(let execution, let digests):
            schedule.set(place, .done)
            remember(stage, digests, execution)
            summary.ran += 1
            try record(place, .ran)
            try note("finished", execution, stage.id)
            report(.finished(stage: stage.id, seconds: seconds))
        case .failed(let error, let log):
            schedule.set(place, .failed)
            summary.failed += 1
            summary.outcome = .failed
            try record(place, .failed)
            try note("failed", nil, "\(stage.id): \(error)")
            report(.failed(stage: stage.id, error: error, log: log))
            if !options.keepsGoing { isStopping = true }
        case .cancelled:
            schedule.set(place, .failed)
            isStopping = true
            if summary.outcome == .done { summary.outcome = .cancelled }
            try record(place, .cancelled)
            try note("cancelled", nil, stage.id)
            report(.cancelled(stage: stage.id))
        }
    }

    /// Ready stages whose key another stage has that runs, or that is ready before them: they wait for its
    /// result, for attempts at one key share a work directory.
    private func twins() -> Set<Int> {
        var keys = Set(
            plan.stages.indices.compactMap { place in
                if case .running = schedule.states[place] {
                    document(of: plan.stages[place]).key
                } else {
                    nil
                }
            })
        return Set(
            schedule.ready.filter { !keys.insert(document(of: plan.stages[$0]).key).inserted })
    }

    /// Records what never started and how the run ended.
    mutating func end() throws -> Coordinator.Summary {
        let blocked = Set(schedule.blocked)
        for (place, stage) in plan.stages.enumerated() where schedule.states[place] == .waiting {
            let reason =
                blocked.contains(place) ? "a stage before it did not finish" : "the run was stopped"
            summary.skipped += 1
            unrecorded.append(
                StageSettlement(
                    stage: stage.id, outcome: .skipped, execution: nil, reason: reason))
            report(.skipped(stage: stage.id, reason: reason))
        }
        try recordSettled()
        if summary.skipped > 0, summary.outcome == .done { summary.outcome = .cancelled }
        try store.finishRun(run, outcome: summary.outcome)
        return summary
    }

    private mutating func recordSettled() throws {
        guard !unrecorded.isEmpty else { return }
        try store.recordStages(run, unrecorded)
        unrecorded = []
    }

    private func record(_ place: Int, _ outcome: StageOutcome) throws {
        let settlement = StageSettlement(
            stage: plan.stages[place].id, outcome: outcome, execution: begun[place]?.execution,
            reason: begun[place]?.reason)
        try store.recordStages(run, [settlement])
    }

    /// Whether the stage's result is in the store; if so, the run uses it.
    private mutating func settle(_ place: Int) throws -> Bool {
        let stage = plan.stages[place]
        guard !options.forced.contains(stage.id),
            let finished = try store.finishedExecution(document(of: stage).key),
            finished.isPresent
        else { return false }
        remember(stage, finished.outputs, finished.id)
        summary.cached += 1
        unrecorded.append(
            StageSettlement(
                stage: stage.id, outcome: .cached, execution: finished.id, reason: nil))
        report(.cached(stage: stage.id))
        return true
    }

    private mutating func remember(
        _ stage: PlannedStage, _ digests: [String: Digest], _ execution: ExecutionID
    ) {
        for (name, digest) in digests {
            outputs[OutputReference(stage: stage.id, output: name)] = (digest, execution)
        }
    }

    private func document(of stage: PlannedStage) -> KeyDocument {
        stage.keyDocument(
            inputs: stage.inputs.mapValues { references in
                references.compactMap { outputs[$0]?.digest }
            })
    }

    private func edges(of stage: PlannedStage) -> [InputEdge] {
        stage.inputs.sorted { $0.key < $1.key }.flatMap { name, references in
            references.enumerated().compactMap { position, reference in
                outputs[reference].map {
                    InputEdge(
                        name: name, position: position, artifact: $0.digest,
                        producer: $0.producer, output: reference.output)
                }
            }
        }
    }

    /// Why a stage runs, in one line.
    private func reason(for stage: PlannedStage, _ document: KeyDocument) throws -> String {
        if options.forced.contains(stage.id) { return "forced" }
        if let step = try store.checkpoint(document.key) { return "resumes after step \(step)" }
        if try store.finishedExecution(document.key) != nil { return "its artifact is missing" }
        let last = try store.lastDocument(pipeline: pipeline, stage: stage.id)
            .flatMap(KeyDocument.init(canonical:))
        return Forecast.reasons(document, last: last).joined(separator: "; ")
    }

    private func note(_ kind: String, _ execution: ExecutionID?, _ text: String) throws {
        try store.appendEvents(
            run, [RunNote(execution: execution, time: Date(), kind: kind, text: text)])
    }
}
