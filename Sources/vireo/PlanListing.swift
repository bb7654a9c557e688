import Pipeline
import Store

/// What a run would do, a line a stage.
struct PlanListing {
    let plan: Plan
    let pipeline: String

    /// Stages that run even if they are cached.
    let forced: Set<String>

    /// The listing, by what `store` remembers; `nil` where there is no store yet.
    func text(store: Store?) throws -> String { Self.text(of: try forecast(store: store)) }

    /// The listing as JSON: a list with an object a stage.
    func json(store: Store?) throws -> String {
        Value.list(try forecast(store: store).entries.map(Self.json)).indented + "\n"
    }

    private func forecast(store: Store?) throws -> Forecast {
        guard let store else { return try Forecast(of: plan, memory: NoMemory(), forced: forced) }
        return try Forecast(
            of: plan, memory: PipelineMemory(store, pipeline: pipeline), forced: forced)
    }

    /// `prior  runs because with.steps 100 -> 200`, names filled up to one width.
    private static func text(of forecast: Forecast) -> String {
        let width = forecast.entries.map(\.stage.id.count).max() ?? 0
        return forecast.entries.map {
            "\($0.stage.id.padded(to: width))  \(words(of: $0.forecast))\n"
        }.joined()
    }

    private static func words(of forecast: StageForecast) -> String {
        switch forecast {
        case .cached: "cached"
        case .resumes(let step, let total):
            "resumes at step \(step)" + (total.map { " of \($0)" } ?? "")
        case .runs(let reasons): "runs because \(reasons.joined(separator: "; "))"
        case .same(let other): "is the same as \(other)"
        case .waits(let stages): "waits for \(stages.joined(separator: ", "))"
        }
    }

    private static func json(of entry: Forecast.Entry) -> Value {
        var members: [String: Value] = [
            "stage": .text(entry.stage.id), "kind": .text(entry.stage.kind.name),
            "key": (entry.document?.key.hex).map { .text($0) } ?? .null,
        ]
        switch entry.forecast {
        case .cached: members["forecast"] = .text("cached")
        case .resumes(let step, let total):
            members["forecast"] = .text("resumes")
            members["step"] = .integer(step)
            members["total"] = total.map { .integer($0) } ?? .null
        case .runs(let reasons):
            members["forecast"] = .text("runs")
            members["reasons"] = .list(reasons.map { .text($0) })
        case .same(let other):
            members["forecast"] = .text("same")
            members["as"] = .text(other)
        case .waits(let stages):
            members["forecast"] = .text("waits")
            members["for"] = .list(stages.map { .text($0) })
        }
        return .table(members)
    }
}
