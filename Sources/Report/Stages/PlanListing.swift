import Files
import JSON
import Pipeline
import Store

/// The actions that a run would take, one line per stage.
package struct PlanListing {
    private let plan: Plan
    private let pipeline: String
    private let forced: Set<String>
    private let remote: RemoteCache?
    private let profile: Profile?
    private let content: Content

    /// What the listing tells.
    package enum Content: Hashable, Sendable {
        /// What would happen to each stage, and why.
        case actions

        /// How much work the stages would be. A processing unit, which is a GPU or a CPU of a stage without GPUs, does
        /// that many floating-point operations in a second; `nil` if unknown.
        case work(speed: Double?)
    }

    /// Stages that are `forced` run even if they are cached. Results may also come from the shared cache `remote`. With
    /// a `profile` or the speed of `content`, the listing ends with what the run would take.
    package init(
        plan: Plan, pipeline: String, forced: Set<String>, remote: RemoteCache? = nil,
        profile: Profile? = nil, content: Content = .actions
    ) {
        self.plan = plan
        self.pipeline = pipeline
        self.forced = forced
        self.remote = remote
        self.profile = profile
        self.content = content
    }

    /// The listing, given the records of `store`, which is `nil` if there is no store yet.
    package func text(store: Store?) throws -> String {
        let forecast = try forecast(store: store)
        let work = try work(forecast, store)
        let estimate = try estimate(forecast, store, work).map { "\n" + $0.text } ?? ""
        if let work { return work.text + estimate }
        return Self.text(
            of: forecast, try origins(forecast, store), try open(forecast, store),
            try store?.openTasks() ?? [:]) + estimate
    }

    /// The work of the stages, if the listing tells it.
    private func work(_ forecast: Forecast, _ store: Store?) throws -> PlanWork? {
        guard case .work = content else { return nil }
        let cached = forecast.entries.filter { $0.forecast == .cached }
        let keys = cached.compactMap { $0.document?.key }
        let executions = try store?.finishedExecutions(keys) ?? [:]
        let sizes = try store?.artifactSizes(of: executions.values.map(\.id)) ?? [:]
        var known: [String: [String: ArtifactSize]] = [:]
        for entry in cached {
            known[entry.stage.id] = entry.document.flatMap { executions[$0.key] }
                .flatMap { sizes[$0.id] }
        }
        return PlanWork(of: forecast, known: known)
    }

    /// What the run would take of the cluster of the profile, or, without a profile, of machines with the given speed.
    private func estimate(
        _ forecast: Forecast, _ store: Store?, _ work: PlanWork?
    ) throws -> PlanEstimate? {
        var estimated: PlanEstimate.Work?
        if case .work(let speed?) = content, let work {
            estimated = PlanEstimate.Work(work, speed: speed)
        }
        guard
            let profile = profile ?? estimated.map({ _ in Profile(name: "local", system: .local) })
        else { return nil }
        let like = forecast.entries.filter { $0.forecast != .cached }
            .map { ($0.stage.id, LikeWork($0.stage)) }
        let seconds = try store?.recordedSeconds(
            of: Dictionary(like, uniquingKeysWith: { first, _ in first }), in: pipeline)
        return PlanEstimate(of: forecast, seconds: seconds ?? [:], work: estimated, on: profile)
    }

    /// The listing as JSON: a list with one object per stage.
    package func json(store: Store?) throws -> String {
        let forecast = try forecast(store: store)
        let origins = try origins(forecast, store)
        let open = try open(forecast, store)
        let work = try work(forecast, store)
        let tasks = try store?.openTasks() ?? [:]
        let estimates = Dictionary(
            (try estimate(forecast, store, work)?.entries ?? []).map { ($0.stage, $0) },
            uniquingKeysWith: { first, _ in first })
        let works = Dictionary(
            (work?.entries ?? []).map { ($0.stage, $0.json) },
            uniquingKeysWith: { first, _ in first })
        let entries = forecast.entries.map { entry in
            Self.json(
                of: entry, origins, entry.document.flatMap { open[$0.key] },
                entry.document.flatMap { tasks[$0.key] }, estimates[entry.stage.id],
                works[entry.stage.id])
        }
        return JSONValue.array(entries).indented + "\n"
    }

    /// Where a cached result comes from that was not made in the store.
    private enum Origin {
        case imported(ImportRecord)
        /// It is still in a shared cache.
        case remote(String)

        var text: String {
            switch self {
            case .imported(let record): "cached, \(record.text)"
            case .remote(let name): "cached in the remote \(name)"
            }
        }
    }

    /// The origins of cached results, by their keys.
    private func origins(_ forecast: Forecast, _ store: Store?) throws -> [Digest: Origin] {
        let keys = forecast.entries.filter { $0.forecast == .cached }.compactMap {
            $0.document?.key
        }
        var origins = try store?.imports(keys).mapValues { Origin.imported($0) } ?? [:]
        guard let remote else { return origins }
        let present = try store?.finishedExecutions(keys).filter(\.value.isPresent) ?? [:]
        for key in keys where present[key] == nil { origins[key] = .remote(remote.name) }
        return origins
    }

    /// The stages that a run in progress works on, and for which this run would wait, by their keys.
    private func open(_ forecast: Forecast, _ store: Store?) throws -> [Digest: StageRecord] {
        let keys = forecast.entries.compactMap { entry -> Digest? in
            switch entry.forecast {
            case .runs, .resumes: entry.document?.key
            case .cached, .same, .waits: nil
            }
        }
        return try store?.openStages(keys) ?? [:]
    }

    private func forecast(store: Store?) throws -> Forecast {
        try Forecast(of: plan, pipeline: pipeline, forced: forced, store: store, remote: remote)
    }

    /// `prior  runs because with.steps 100 -> 200`, with all names padded to the same width.
    private static func text(
        of forecast: Forecast, _ origins: [Digest: Origin], _ open: [Digest: StageRecord],
        _ tasks: [Digest: String]
    ) -> String {
        let width = forecast.entries.map(\.stage.id.count).max() ?? 0
        return forecast.entries.map {
            let origin = $0.document.flatMap { origins[$0.key] }
            let open = $0.document.flatMap { open[$0.key] }.map {
                "is \(RunListing.progress(of: $0)) in run \($0.run.rawValue)"
            }
            let task = $0.document.flatMap { tasks[$0.key] }
            let text = open ?? description(of: $0.forecast, origin) + note(on: task, $0.forecast)
            return "\($0.stage.id.padded(to: width))  \(text)\n"
        }.joined()
    }

    /// What the listing adds for a stage whose task an earlier run has left in the queue.
    private static func note(on task: String?, _ forecast: StageForecast) -> String {
        switch forecast {
        case .runs, .resumes:
            task.map { "; its task \($0) of an earlier run may be in the queue" } ?? ""
        case .cached, .same, .waits: ""
        }
    }

    private static func description(of forecast: StageForecast, _ origin: Origin?) -> String {
        switch forecast {
        case .cached: origin?.text ?? "cached"
        case .resumes(let step, let total):
            RunReasons.resumes(after: step, of: total)
        case .runs(let reasons): "runs because \(reasons.joined(separator: "; "))"
        case .same(let other): "is the same as \(other)"
        case .waits(let stages): "waits for \(stages.joined(separator: ", "))"
        }
    }

    private static func json(
        of entry: Forecast.Entry, _ origins: [Digest: Origin], _ open: StageRecord?,
        _ task: String?, _ estimate: PlanEstimate.Entry?, _ work: JSONValue?
    ) -> JSONValue {
        var members: [String: JSONValue] = [
            "stage": .string(entry.stage.id), "kind": .string(entry.stage.kind.name),
            "key": (entry.document?.key.hex).map { .string($0) } ?? .null,
        ]
        switch entry.forecast {
        case .cached:
            members["forecast"] = .string("cached")
            switch entry.document.flatMap({ origins[$0.key] }) {
            case .imported(let record):
                members["imported"] = .object([
                    "bundle": .string(record.bundle), "time": .string(record.time),
                ])
            case .remote(let name): members["remote"] = .string(name)
            case nil: break
            }
        case .resumes(let step, let total):
            members["forecast"] = .string("resumes")
            members["step"] = .integer(step)
            members["total"] = total.map { .integer($0) } ?? .null
        case .runs(let reasons):
            members["forecast"] = .string("runs")
            members["reasons"] = .array(reasons.map { .string($0) })
        case .same(let other):
            members["forecast"] = .string("same")
            members["as"] = .string(other)
        case .waits(let stages):
            members["forecast"] = .string("waits")
            members["for"] = .array(stages.map { .string($0) })
        }
        if let open {
            members["open"] = .object([
                "run": .integer(Int(open.run.rawValue)),
                "outcome": .string(RunListing.outcome(of: open)),
                "job": JSONText.optional(open.job), "node": JSONText.optional(open.node),
            ])
        }
        if open == nil, entry.forecast != .cached, let task {
            members["task"] = .string(task)
        }
        if let estimate {
            members["estimate"] = .object([
                "nodes": .integer(estimate.nodes), "cpus": .integer(estimate.cpus),
                "gpus": .integer(estimate.gpus),
                "seconds": estimate.seconds.map { .number($0) } ?? .null,
                "recorded": .bool(estimate.basis == .record),
                "cost": estimate.cost.map { .number($0) } ?? .null,
            ])
        }
        if let work { members["work"] = work }
        return .object(members)
    }
}

extension Forecast {
    /// The forecast by what `store` remembers of runs of `pipeline`, and by what the shared cache `remote` has. `store`
    /// is `nil` where there is none yet.
    package init(
        of plan: Plan, pipeline: String, forced: Set<String>, store: Store?,
        remote: RemoteCache? = nil
    ) throws {
        if let store {
            let memory = PipelineMemory(store, pipeline: pipeline)
            try self.init(of: plan, memory: memory, forced: forced, remote: remote)
        } else {
            try self.init(of: plan, memory: NoMemory(), forced: forced, remote: remote)
        }
    }

    private init(
        of plan: Plan, memory: some StageMemory, forced: Set<String>, remote: RemoteCache?
    ) throws {
        if let remote {
            try self.init(of: plan, memory: RemoteMemory(memory, remote), forced: forced)
        } else {
            try self.init(of: plan, memory: memory, forced: forced)
        }
    }
}
