import Pipeline
import Store

/// What a run would do, a line a stage.
struct PlanListing {
    let plan: Plan
    let pipeline: String

    /// Stages that run even if they are cached.
    let forced: Set<String>

    /// The listing, by what `store` remembers; `nil` where there is no store yet.
    func text(store: Store?) throws -> String {
        let history = History(store: store, pipeline: pipeline)
        let first = Forecast(of: plan, history: history.asked(hiding: []))
        let hidden = first.entries.filter { forced.contains($0.stage.id) }.compactMap {
            $0.document?.key
        }
        let forecast = Forecast(of: plan, history: history.asked(hiding: Set(hidden)))
        if let failure = history.failure { throw failure }
        return Self.text(of: forecast, forced: forced)
    }

    /// `prior  runs because with.steps 100 -> 200`, names filled up to one width.
    static func text(of forecast: Forecast, forced: Set<String>) -> String {
        let width = forecast.entries.map(\.stage.id.count).max() ?? 0
        return forecast.entries.map { entry in
            let isForced = forced.contains(entry.stage.id)
            let words = isForced ? "runs because it is forced" : words(of: entry)
            return "\(entry.stage.id.padded(to: width))  \(words)\n"
        }.joined()
    }

    private static func words(of entry: Forecast.Entry) -> String {
        switch entry.forecast {
        case .cached: "cached"
        case .resumes(let step, let total):
            "resumes at step \(step)"
                + ((total ?? steps(of: entry.stage)).map { " of \($0)" } ?? "")
        case .runs(let reasons): "runs because \(reasons.joined(separator: "; "))"
        case .waits(let stages): "waits for \(stages.joined(separator: ", "))"
        }
    }

    /// How many steps a training stage is told to take.
    private static func steps(of stage: PlannedStage) -> Int? {
        guard case .integer(let steps)? = stage.options.values["steps"], steps > 0 else {
            return nil
        }
        return steps
    }

    /// The store's memory for a forecast, which cannot fail. A class, to keep the first failure.
    private final class History {
        private let store: Store?
        private let pipeline: String
        private(set) var failure: (any Error)?

        init(store: Store?, pipeline: String) {
            self.store = store
            self.pipeline = pipeline
        }

        /// A history to which finished executions with the keys `hidden` are unknown.
        func asked(hiding hidden: Set<Digest>) -> Forecast.History {
            Forecast.History(
                outputs: { key in
                    guard !hidden.contains(key) else { return nil }
                    let finished = self.ask { try $0.finishedExecution(key) }
                    return finished.flatMap { $0.isPresent ? $0.outputs : nil }
                },
                lastDocument: { stage in
                    self.ask { try $0.lastDocument(pipeline: self.pipeline, stage: stage) }
                        .flatMap(KeyDocument.init(canonical:))
                },
                checkpoint: { key in
                    self.ask { try $0.checkpoint(key) }.map { .init(step: $0, total: nil) }
                })
        }

        private func ask<Answer>(_ question: (Store) throws -> Answer?) -> Answer? {
            guard failure == nil, let store else { return nil }
            do {
                return try question(store)
            } catch {
                failure = error
                return nil
            }
        }
    }
}
