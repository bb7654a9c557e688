import Files
import Foundation
import Pipeline
import Store

/// Runs a plan. The coordinator is the only process of a run that writes to the store. When the inputs of a stage are
/// known, the stage is looked up by its cache key, or given to a worker.
package struct Coordinator: Sendable {
    /// The outcome of a run.
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

    /// Runs all stages that are not cached. Cancelling the task stops the workers after they have saved checkpoints.
    /// Throws `StoreError.leaseLost` if another process took this one for dead.
    package func run(_ plan: Plan, as description: RunDescription) async throws -> Summary {
        // One more thread for the coordinator itself, and one each for the queue and the shared cache, whose programs
        // block it. Attempts in a queue only wait.
        let jobs = options.queue == nil ? options.capacity.jobs : Self.publishingThreads + 1
        let threads = BlockingThreads(limit: jobs + (options.remote == nil ? 1 : 2))
        return try await withTaskExecutorPreference(threads) {
            try await runOnThreads(plan, description)
        }
    }

    /// The number of results of a batch system that are published at the same time.
    private static let publishingThreads = 4

    private func runOnThreads(
        _ plan: Plan, _ description: RunDescription
    ) async throws -> Summary {
        let shortages = options.capacity.shortages(of: plan)
        guard shortages.isEmpty else { throw ShortageError(shortages: shortages) }
        try SecretTraces.removeAll(in: store)
        try options.queue?.shared.sweep(store)
        let run = try store.startRun(
            description,
            stages: plan.stages.map {
                StageDeclaration(id: $0.id, name: $0.name, kind: $0.kind.name)
            })
        report(.began(stages: plan.stages.map(\.id)))
        var progress = try Progress(
            store: store, options: options, plan: plan, run: run, pipeline: description.pipeline,
            report: report)
        return try await withThrowingTaskGroup(of: Step.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await Heartbeat(store: store).keepUp()
                return .silent
            }
            if let queue = progress.queue {
                group.addTask {
                    await queue.keepUp()
                    return .silent
                }
            }
            while true {
                for work in try progress.start() {
                    group.addTask {
                        switch work {
                        case .attempt(let place, let attempt):
                            .ended(place, try await attempt.run())
                        case .wait(let place, let pause):
                            await wait(pause, toAskFor: place)
                        case .fetch(let places, let requests, let remote):
                            .fetched(places, try remote.fetch(requests, into: store))
                        }
                    }
                }
                guard progress.isBusy, let step = try await group.next() else { break }
                switch step {
                case .ended(let place, let result):
                    if let pause = progress.finish(place, result) {
                        group.addTask { await wait(pause, toAskFor: place) }
                    }
                case .waited(let place): progress.ask(place)
                case .fetched(let places, let fetched): progress.receive(places, fetched)
                case .silent: continue
                }
            }
            return try progress.end()
        }
    }

    /// The result of a task of the run.
    private enum Step: Sendable {
        case ended(Int, AttemptResult)
        /// Time to retry a stage that another process holds, or that failed.
        case waited(Int)
        /// The shared cache answered for stages.
        case fetched([Int], RemoteCache.Fetched)
        /// The run was cancelled, and its heartbeat has stopped.
        case silent
    }

    private func wait(_ pause: Duration, toAskFor place: Int) async -> Step {
        do {
            try await Task.sleep(for: pause)
        } catch {
            // Cancelled; `ask` notices it.
        }
        return .waited(place)
    }
}

/// The next action for a stage that may start.
private enum Work {
    case attempt(Int, any Attempt)
    /// Another process holds the lease of the stage: claim it again later.
    case wait(Int, Duration)
    /// Ask the shared cache for the results of stages.
    case fetch([Int], [RemoteCache.Request], RemoteCache)
}

/// The state of a run.
private struct Progress {
    let store: Store
    let options: RunOptions
    let plan: Plan
    let run: RunID
    let pipeline: String
    let report: @Sendable (RunEvent) -> Void
    private var schedule: Schedule
    private var known = KnownOutputs()
    /// The key documents of the stages whose inputs are known.
    private var documents: [Int: KeyDocument] = [:]
    /// Held stages for which a waiting event was already reported.
    private var told: Set<Int> = []
    /// The number of failed attempts of each stage.
    private var failures: [Int: Int] = [:]
    private let workers: WorkerPool
    /// The queue of the batch system of the run, if it has one.
    let queue: TaskQueue?
    private let seconds: [String: Double]
    /// Stages whose results may be in the shared cache, which is asked for all of them at once.
    private var unasked: [Int] = []
    /// Whether the shared cache is being asked.
    private var isFetching = false
    /// Stages for which it was asked, and those that are to be looked up again for that reason.
    private var asked: Set<Int> = []
    private var answered: [Int] = []
    /// The keys whose results came from it.
    private var fetched: Set<Digest> = []
    private var begun: [Int: ContinuousClock.Instant] = [:]
    private var summary: Coordinator.Summary
    private var isStopping = false

    init(
        store: Store, options: RunOptions, plan: Plan, run: RunID, pipeline: String,
        report: @escaping @Sendable (RunEvent) -> Void
    ) throws {
        self.store = store
        self.options = options
        self.plan = plan
        self.run = run
        self.pipeline = pipeline
        self.report = report
        seconds = try store.usualSeconds(of: pipeline)
        schedule = Schedule(plan, capacity: options.capacity, seconds: seconds)
        queue = options.queue.map { settings in
            TaskQueue(
                system: settings.system, profile: settings.profile, shared: settings.shared,
                store: store, detachment: settings.detachment, clock: settings.clock,
                report: report)
        }
        workers = WorkerPool(
            program: options.worker, environment: options.environment,
            adoptsOrphans: options.adoptsOrphans, children: options.children)
        summary = Coordinator.Summary(run: run, outcome: .done)
    }

    /// Whether a stage runs or is held, or the shared cache is being asked.
    var isBusy: Bool { schedule.running > 0 || schedule.held > 0 || isFetching }

    /// Settles all cached stages and returns the next actions.
    mutating func start() throws -> [Work] {
        try settle()
        if Task.isCancelled { isStopping = true }
        var work: [Work] = []
        if !isStopping, let fetch = nextFetch() { work.append(fetch) }
        while !isStopping, let next = schedule.next() {
            let place = next.place
            let reason = try reason(for: place)
            switch try claim(place, reason) {
            case .started(let execution, let attempt):
                let id = plan.stages[place].id
                report(queue == nil ? .started(stage: id, reason: reason) : .queued(stage: id))
                work.append(
                    .attempt(place, begin(place, execution, attempt, threads: next.threads)))
            case .held(let runner):
                schedule.hold(place)
                work.append(.wait(place, Self.patience))
                if told.insert(place).inserted {
                    report(.waiting(stage: plan.stages[place].id, runner: runner.name))
                }
            case .finished(let execution):
                settle(place, execution)
                report(.cached(stage: plan.stages[place].id))
                try settle()
            }
        }
        // A stage may have become ready behind one that another process finished.
        if !isStopping, let fetch = nextFetch() { work.append(fetch) }
        return work
    }

    /// A question to the shared cache for all stages that wait for one; `nil` if there are none, or while it is asked.
    private mutating func nextFetch() -> Work? {
        guard let remote = options.remote, !isFetching, !unasked.isEmpty else { return nil }
        let places = unasked
        unasked = []
        isFetching = true
        let requests = places.map { place in
            let stage = plan.stages[place]
            return RemoteCache.Request(
                document: document(place), outputs: stage.outputs, inputs: known.edges(of: stage))
        }
        return .fetch(places, requests, remote)
    }

    /// Takes in the answer of the shared cache; the next `start` looks the stages up again.
    mutating func receive(_ places: [Int], _ answer: RemoteCache.Fetched) {
        isFetching = false
        asked.formUnion(places)
        answered += places
        fetched.formUnion(answer.keys)
    }

    /// Whether the shared cache may have the result of a stage that is not cached here.
    private func isWorthAsking(_ place: Int) -> Bool {
        guard let remote = options.remote, store.usesImported else { return false }
        return !remote.isUnusable && !asked.contains(place)
    }

    /// The time between two attempts to claim a stage that another process holds.
    private static let patience = Duration.milliseconds(200)

    /// Makes a held stage ready again, which another process worked on or which failed and is retried.
    mutating func ask(_ place: Int) {
        if Task.isCancelled { isStopping = true }
        if isStopping, failures[place] != nil {
            schedule.fail(place)
            summary.failed += 1
            if summary.outcome == .done { summary.outcome = .cancelled }
        } else {
            schedule.release(place)
        }
    }

    private mutating func claim(_ place: Int, _ reason: String) throws -> Store.Claim {
        let stage = plan.stages[place]
        let document = document(place)
        return try store.claim(
            document.key, document: document.canonical, kind: stage.kind.name,
            inputs: known.edges(of: stage), for: stage.id, of: run,
            reason: reason, again: options.forced.contains(stage.id))
    }

    private mutating func begin(
        _ place: Int, _ execution: ExecutionID, _ attempt: Int, threads: Int
    ) -> any Attempt {
        let stage = plan.stages[place]
        begun[place] = .now
        let startsOver = options.forced.contains(stage.id) && failures[place] == nil
        if let queue, let settings = options.queue {
            return QueuedAttempt(
                stage: stage, document: document(place), inputs: known.edges(of: stage),
                store: store, queue: queue, settings: settings, options: options,
                startsOver: startsOver, execution: execution, attempt: attempt,
                seconds: seconds[stage.id] ?? .infinity, report: report)
        }
        return StageAttempt(
            stage: stage, document: document(place), inputs: known.edges(of: stage),
            threads: threads, store: store, workers: workers, options: options,
            startsOver: startsOver, execution: execution, attempt: attempt, report: report)
    }

    /// Applies the result of an attempt, which is already in the store. Returns the pause before a retry; nil if there
    /// is none.
    mutating func finish(_ place: Int, _ result: AttemptResult) -> Duration? {
        let stage = plan.stages[place]
        let seconds = begun[place].map { (ContinuousClock.now - $0) / .seconds(1) } ?? 0
        switch result {
        case .published(let execution, let digests):
            schedule.finish(place)
            known.remember(stage, digests, execution)
            summary.ran += 1
            report(.finished(stage: stage.id, seconds: seconds))
        case .failed(let error, let log, let isLasting):
            let failed = failures[place, default: 0] + 1
            if failed <= stage.retry, !isLasting, !isStopping, !Task.isCancelled {
                failures[place] = failed
                schedule.hold(place)
                let pause = options.backoff.pause(before: failed, chance: options.chance())
                report(
                    .failedForNow(
                        stage: stage.id, error: error, log: log, retry: failed, of: stage.retry,
                        pause: pause))
                return pause
            }
            schedule.fail(place)
            summary.failed += 1
            summary.outcome = .failed
            report(.failed(stage: stage.id, error: error, log: log))
            if !options.keepsGoing { isStopping = true }
        case .cancelled, .left:
            schedule.fail(place)
            isStopping = true
            if summary.outcome == .done { summary.outcome = .cancelled }
            if case .left = result {
                report(.left(stage: stage.id))
            } else {
                report(.cancelled(stage: stage.id))
            }
        }
        return nil
    }

    /// Records the skipped stages and the outcome of the run.
    mutating func end() throws -> Coordinator.Summary {
        let blocked = schedule.blocked
        var skipped: [StageOutcomeUpdate] = []
        for (place, stage) in plan.stages.enumerated()
        where schedule.states[place] != .done && schedule.states[place] != .failed {
            let reason =
                blocked.contains(place)
                ? "a stage that it depends on did not finish" : "the run was stopped"
            summary.skipped += 1
            skipped.append(
                StageOutcomeUpdate(
                    stage: stage.id, outcome: .skipped, execution: nil, reason: reason))
            report(.skipped(stage: stage.id, reason: reason))
        }
        if !skipped.isEmpty { try store.recordStages(run, skipped) }
        if summary.skipped > 0, summary.outcome == .done { summary.outcome = .cancelled }
        try store.finishRun(run, outcome: summary.outcome)
        return summary
    }

    /// Looks up every ready stage. Cached ones are settled, and the others are queued. The schedule and not a `PlanWalk`
    /// says which are ready, because stages run in the meantime: a key that was not cached is looked up again if the
    /// stage was held, or waited for another one with the same key.
    private mutating func settle() throws {
        var ready = popReady() + answered
        answered = []
        guard !ready.isEmpty else { return }
        let store = store
        var settled: [(place: Int, key: Digest)] = []
        try store.settle(run) { find in
            while !ready.isEmpty {
                let keyed = ready.map { (place: $0, key: document($0).key) }
                let found = try find(
                    keyed.filter { !isForced($0.place) }
                        .map { (stage: plan.stages[$0.place].id, key: $0.key) })
                for (place, key) in keyed {
                    if !isForced(place), let execution = found[key] {
                        settle(place, execution)
                        settled.append((place, key))
                    } else if !isForced(place), isWorthAsking(place) {
                        unasked.append(place)
                    } else {
                        schedule.enqueue(place, key: key)
                    }
                }
                ready = popReady()
            }
        }
        for (place, key) in settled {
            let id = plan.stages[place].id
            if let remote = options.remote, fetched.contains(key) {
                report(.fetched(stage: id, remote: remote.name))
            } else {
                report(.cached(stage: id))
            }
        }
    }

    private mutating func popReady() -> [Int] {
        var places: [Int] = []
        while let place = schedule.popReady() { places.append(place) }
        return places
    }

    private func isForced(_ place: Int) -> Bool { options.forced.contains(plan.stages[place].id) }

    /// Marks a stage as cached; the store has already recorded it.
    private mutating func settle(_ place: Int, _ execution: FinishedExecution) {
        schedule.finish(place)
        known.remember(plan.stages[place], execution.outputs, execution.id)
        summary.cached += 1
    }

    private mutating func document(_ place: Int) -> KeyDocument {
        if let document = documents[place] { return document }
        let document = known.document(of: plan.stages[place])
        documents[place] = document
        return document
    }

    /// The reason why a stage runs, in one line.
    private mutating func reason(for place: Int) throws -> String {
        let (stage, document) = (plan.stages[place], document(place))
        if failures[place] == nil, options.forced.contains(stage.id) {
            return RunReasons.forced
        }
        if let step = try store.checkpoint(document.key) { return RunReasons.resumes(after: step) }
        return try StartReason(store: store, pipeline: pipeline, plan: plan)
            .line(for: stage, document, documents)
    }
}
