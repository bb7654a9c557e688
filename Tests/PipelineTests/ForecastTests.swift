import Pipeline
import Testing

@Suite struct ForecastTests {
    private static let text = """
        name: p
        stages:
          q: { uses: ingest.countdown }
          t: { uses: train.sft, in: { data: q }, with: { learning_rate: 1e-3 } }
          s: { uses: sample.traces, in: { model: t, questions: q.test } }
        """

    /// What a store knows after runs of plans; every output is the digest of its key and name.
    private struct Past {
        var documents: [String: KeyDocument] = [:]
        var finished: [Digest: [String: Digest]] = [:]
        var checkpoints: [Digest: Forecast.Checkpoint] = [:]

        mutating func run(_ plan: Plan, upTo last: String? = nil) {
            var known = [OutputReference: Digest]()
            for stage in plan.stages {
                let document = stage.keyDocument(
                    inputs: stage.inputs.mapValues { $0.compactMap { known[$0] } })
                documents[stage.id] = document
                if stage.id == last { return }
                var outputs = [String: Digest]()
                for output in stage.outputs {
                    let digest = Digest(of: document.canonical + output.name)
                    outputs[output.name] = digest
                    known[OutputReference(stage: stage.id, output: output.name)] = digest
                }
                finished[document.key] = outputs
            }
        }

        var history: Forecast.History {
            Forecast.History(
                outputs: { finished[$0] }, lastDocument: { documents[$0] },
                checkpoint: { checkpoints[$0] })
        }
    }

    private func forecasts(_ text: String, _ past: Past) throws -> [StageForecast] {
        Forecast(of: try Samples.plan(text), history: past.history).entries.map(\.forecast)
    }

    private func edited(_ old: String, _ new: String) -> String {
        guard let range = Self.text.firstRange(of: old) else { return Self.text }
        return Self.text.replacingCharacters(in: range, with: new)
    }

    @Test("The first time, every stage runs because it has never run")
    func first() throws {
        let never = StageForecast.runs(reasons: ["it has never run"])
        #expect(try forecasts(Self.text, Past()) == [never, never, never])
    }

    @Test("After a run everything is cached")
    func cached() throws {
        var past = Past()
        past.run(try Samples.plan(Self.text))
        #expect(try forecasts(Self.text, past) == [.cached, .cached, .cached])
    }

    @Test("An edited option is the reason of its stage, and what is below waits")
    func editedOption() throws {
        var past = Past()
        past.run(try Samples.plan(Self.text))
        #expect(
            try forecasts(edited("1e-3", "3e-4"), past) == [
                .cached, .runs(reasons: ["with.learning_rate 0.001 -> 0.0003"]), .waits(on: ["t"]),
            ])
    }

    @Test("A stage below with another option runs whatever its inputs are")
    func editedBelow() throws {
        var past = Past()
        past.run(try Samples.plan(Self.text))
        let text = edited("1e-3", "3e-4").replacing("q.test }", "q.test }, with: { note: new }")
        #expect(
            try forecasts(text, past) == [
                .cached, .runs(reasons: ["with.learning_rate 0.001 -> 0.0003"]),
                .runs(reasons: ["with.note \"\" -> \"new\""]),
            ])
    }

    @Test("A stage that reads another output says so")
    func otherInput() throws {
        var past = Past()
        past.run(try Samples.plan(Self.text))
        let forecasts = try forecasts(edited("data: q }", "data: q.test }"), past)
        guard case .runs(let reasons) = forecasts[1] else {
            Issue.record("it is \(forecasts[1])")
            return
        }
        #expect(reasons.count == 1)
        #expect(reasons[0].hasPrefix("in.data changed: "))
    }

    @Test("An interrupted stage goes on from its checkpoint")
    func resumes() throws {
        var past = Past()
        past.run(try Samples.plan(Self.text), upTo: "t")
        let key = try #require(past.documents["t"]?.key)
        past.checkpoints[key] = Forecast.Checkpoint(step: 1_200, total: 3_000)
        #expect(
            try forecasts(Self.text, past) == [
                .cached, .resumes(step: 1_200, total: 3_000),
                .runs(reasons: ["it has never run"]),
            ])
    }

    @Test("A stage that failed runs again because it did not finish")
    func failed() throws {
        var past = Past()
        past.run(try Samples.plan(Self.text), upTo: "t")
        #expect(
            try forecasts(Self.text, past)[1]
                == .runs(reasons: ["its last execution did not finish"]))
    }

    @Test("Going back to options of an earlier run finds its results again")
    func backAgain() throws {
        var past = Past()
        past.run(try Samples.plan(Self.text))
        past.run(try Samples.plan(edited("1e-3", "3e-4")))
        #expect(try forecasts(Self.text, past) == [.cached, .cached, .cached])
    }
}

extension String {
    fileprivate func replacing(_ old: String, _ new: String) -> String {
        guard let range = firstRange(of: old) else { return self }
        return replacingCharacters(in: range, with: new)
    }

    fileprivate func replacingCharacters(in range: Range<Index>, with new: String) -> String {
        String(self[..<range.lowerBound]) + new + self[range.upperBound...]
    }
}
