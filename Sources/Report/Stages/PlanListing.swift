import Files
import JSON
import Pipeline
import Store

/// What a run would do, a line a stage.
package struct PlanListing {
    private let plan: Plan
    private let pipeline: String
    private let forced: Set<String>
    private let remote: RemoteCache?

    /// Stages that are `forced` run even if they are cached. Results may also come from a shared cache, if there is
    /// one.
    package init(plan: Plan, pipeline: String, forced: Set<String>, remote: RemoteCache? = nil) {
        self.plan = plan
        self.pipeline = pipeline
        self.forced = forced
        self.remote = remote
    }

    /// The listing, by what `store` remembers; `nil` where there is no store yet.
    package func text(store: Store?) throws -> String {
        let forecast = try forecast(store: store)
        return Self.text(of: forecast, try origins(forecast, store))
    }

    /// The listing as JSON: a list with an object a stage.
    package func json(store: Store?) throws -> String {
        let forecast = try forecast(store: store)
        let origins = try origins(forecast, store)
        return JSONValue.array(forecast.entries.map { Self.json(of: $0, origins) }).indented + "\n"
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

    private func forecast(store: Store?) throws -> Forecast {
        guard let store else { return try forecast(by: NoMemory()) }
        return try forecast(by: PipelineMemory(store, pipeline: pipeline))
    }

    private func forecast(by memory: some StageMemory) throws -> Forecast {
        guard let remote else { return try Forecast(of: plan, memory: memory, forced: forced) }
        return try Forecast(of: plan, memory: RemoteMemory(memory, remote), forced: forced)
    }

    /// `prior  runs because with.steps 100 -> 200`, names filled up to one width.
    private static func text(
        of forecast: Forecast, _ origins: [Digest: Origin]
    ) -> String {
        let width = forecast.entries.map(\.stage.id.count).max() ?? 0
        return forecast.entries.map {
            let origin = $0.document.flatMap { origins[$0.key] }
            return "\($0.stage.id.padded(to: width))  \(words(of: $0.forecast, origin))\n"
        }.joined()
    }

    private static func words(of forecast: StageForecast, _ origin: Origin?) -> String {
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
        of entry: Forecast.Entry, _ origins: [Digest: Origin]
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
        return .object(members)
    }
}
