import Files
import JSON
import Pipeline
import Store

/// The actions that a run would take, one line per stage.
package struct PlanListing {
    private let plan: Plan
    private let pipeline: String
    private let forced: Set<String>
    private let profile: Profile?

    /// Stages that are `forced` run even if they are cached. With a `profile`, the listing ends with what the run would
    /// take of its cluster.
    package init(plan: Plan, pipeline: String, forced: Set<String>, profile: Profile? = nil) {
        self.profile = profile
        self.plan = plan
        self.pipeline = pipeline
        self.forced = forced
    }

    /// The listing, given the records of `store`, which is `nil` if there is no store yet.
    package func text(store: Store?) throws -> String {
        let forecast = try forecast(store: store)
        let estimate = try estimate(forecast, store).map { "\n" + $0.text } ?? ""
        return Self.text(of: forecast, try imports(forecast, store)) + estimate
    }

    /// What the run would take of the cluster of the profile.
    private func estimate(_ forecast: Forecast, _ store: Store?) throws -> PlanEstimate? {
        guard let profile else { return nil }
        return PlanEstimate(
            of: forecast, seconds: try store?.usualSeconds(of: pipeline) ?? [:], on: profile)
    }

    /// The listing as JSON: a list with one object per stage.
    package func json(store: Store?) throws -> String {
        let forecast = try forecast(store: store)
        let imports = try imports(forecast, store)
        let estimates = Dictionary(
            (try estimate(forecast, store)?.entries ?? []).map { ($0.stage, $0) },
            uniquingKeysWith: { first, _ in first })
        let entries = forecast.entries.map { entry in
            Self.json(of: entry, imports, estimates[entry.stage.id])
        }
        return JSONValue.array(entries).indented + "\n"
    }

    /// The results that were imported, by their keys.
    private func imports(
        _ forecast: Forecast, _ store: Store?
    ) throws -> [Digest: ImportRecord] {
        guard let store else { return [:] }
        let entries = forecast.entries.filter { $0.forecast == .cached }
        return try store.imports(entries.compactMap { $0.document?.key })
    }

    private func forecast(store: Store?) throws -> Forecast {
        try Forecast(of: plan, pipeline: pipeline, forced: forced, store: store)
    }

    /// `prior  runs because with.steps 100 -> 200`, with all names padded to the same width.
    private static func text(
        of forecast: Forecast, _ imports: [Digest: ImportRecord]
    ) -> String {
        let width = forecast.entries.map(\.stage.id.count).max() ?? 0
        return forecast.entries.map {
            let imported = $0.document.flatMap { imports[$0.key] }
            return "\($0.stage.id.padded(to: width))  \(description(of: $0.forecast, imported))\n"
        }.joined()
    }

    private static func description(of forecast: StageForecast, _ imported: ImportRecord?) -> String
    {
        switch forecast {
        case .cached: "cached" + (imported.map { ", \($0.text)" } ?? "")
        case .resumes(let step, let total):
            RunReasons.resumes(after: step, of: total)
        case .runs(let reasons): "runs because \(reasons.joined(separator: "; "))"
        case .same(let other): "is the same as \(other)"
        case .waits(let stages): "waits for \(stages.joined(separator: ", "))"
        }
    }

    private static func json(
        of entry: Forecast.Entry, _ imports: [Digest: ImportRecord], _ estimate: PlanEstimate.Entry?
    ) -> JSONValue {
        var members: [String: JSONValue] = [
            "stage": .string(entry.stage.id), "kind": .string(entry.stage.kind.name),
            "key": (entry.document?.key.hex).map { .string($0) } ?? .null,
        ]
        switch entry.forecast {
        case .cached:
            members["forecast"] = .string("cached")
            if let imported = entry.document.flatMap({ imports[$0.key] }) {
                members["imported"] = .object([
                    "bundle": .string(imported.bundle), "time": .string(imported.time),
                ])
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
        if let estimate {
            members["estimate"] = .object([
                "nodes": .integer(estimate.nodes), "cpus": .integer(estimate.cpus),
                "gpus": .integer(estimate.gpus),
                "seconds": estimate.seconds.map { .number($0) } ?? .null,
                "recorded": .bool(estimate.isRecorded),
                "cost": estimate.cost.map { .number($0) } ?? .null,
            ])
        }
        return .object(members)
    }
}

extension Forecast {
    /// The forecast by what `store` remembers of runs of `pipeline`; `nil` where there is no store yet.
    package init(
        of plan: Plan, pipeline: String, forced: Set<String>, store: Store?
    ) throws {
        if let store {
            try self.init(
                of: plan, memory: PipelineMemory(store, pipeline: pipeline), forced: forced)
        } else {
            try self.init(of: plan, memory: NoMemory(), forced: forced)
        }
    }
}
