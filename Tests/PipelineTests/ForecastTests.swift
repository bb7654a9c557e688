import Files
import Pipeline
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ForecastTests {
    private static let text = """
        name: p
        stages:
          q: { uses: ingest.countdown }
          t: { uses: train.sft, in: { data: q }, with: { learning_rate: 1e-3 } }
          s: { uses: sample.traces, in: { model: t, questions: q.test } }
        """

    /// What a store knows after runs of plans; every output is the digest of its key and name.
    private struct Past: StageMemory {
        var last: [String: StageHistory.Attempt] = [:]
        var answers: [Digest: StageHistory.Answer] = [:]
        var lineage = Lineage()
        private var runs = 0

        /// Runs a plan; `last` is where it ends, not finishing that stage.
        mutating func run(_ plan: Plan, upTo end: String? = nil, error: String? = nil) {
            runs += 1
            var known = [OutputReference: Digest]()
            for (place, stage) in plan.stages.enumerated() {
                let document = stage.keyDocument { known[$0] }
                let origin = Lineage.Origin.executed(run: Int64(runs), execution: Int64(place))
                last[stage.id] = StageHistory.Attempt(
                    origin: origin, document: document.canonical, error: error)
                let inputs = stage.inputs.mapValues { references in
                    references.map { reference in
                        Lineage.Source(
                            origin: .executed(
                                run: Int64(runs),
                                execution: Int64(
                                    plan.stages.firstIndex { $0.id == reference.stage } ?? 0)),
                            output: reference.output)
                    }
                }
                lineage.nodes[origin] = Lineage.Node(
                    names: [stage.id], document: document.canonical, inputs: inputs)
                if stage.id == end { return }
                var outputs = [String: Digest]()
                for output in stage.outputs {
                    let digest = Digest(of: document.canonical + output.name)
                    outputs[output.name] = digest
                    known[OutputReference(stage: stage.id, output: output.name)] = digest
                }
                answers[document.key] = StageHistory.Answer(outputs: outputs)
            }
        }

        func key(of stage: String) -> Digest? {
            last[stage].flatMap { KeyDocument(canonical: $0.document) }?.key
        }

        func history(of stages: [String]) -> StageHistory { StageHistory(last: last) }

        func answers(to keys: [Digest]) -> [Digest: StageHistory.Answer] {
            answers.filter { keys.contains($0.key) }
        }

        func lineage(of executions: [Lineage.Origin]) -> Lineage {
            executions.isEmpty ? Lineage() : lineage
        }
    }

    private func forecasts(
        _ text: String, _ past: Past, forced: Set<String> = []
    ) throws -> [StageForecast] {
        try Forecast(of: try Samples.plan(text), memory: past, forced: forced)
            .entries.map(\.forecast)
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

    @Test("A downstream stage with a changed option runs for this reason")
    func editedBelow() throws {
        var past = Past()
        past.run(try Samples.plan(Self.text))
        let text = edited("1e-3", "3e-4").replacing("q.test }", "q.test }, with: { note: new }")
        #expect(
            try forecasts(text, past) == [
                .cached, .runs(reasons: ["with.learning_rate 0.001 -> 0.0003"]),
                .runs(reasons: ["with.note \"\" -> new"]),
            ])
    }

    @Test("A stage that reads another output says so")
    func otherInput() throws {
        var past = Past()
        past.run(try Samples.plan(Self.text))
        let forecasts = try forecasts(edited("data: q }", "data: q.test }"), past)
        #expect(
            forecasts[1]
                == .runs(reasons: ["in.data changed: it is q.test instead of q.train"]))
    }

    /// What is known after a run of `text` and one of `edited` that stopped before its last stage.
    private func stopped(_ edited: String) throws -> Past {
        var past = Past()
        past.run(try Samples.plan(Self.text))
        let last = past.last["s"]
        past.run(try Samples.plan(edited), upTo: "s")
        past.last["s"] = last
        return past
    }

    @Test("A changed input names the stage that made it, and what was not as before there")
    func changedProducer() throws {
        let new = edited("1e-3", "3e-4")
        #expect(
            try forecasts(new, stopped(new)) == [
                .cached, .cached,
                .runs(reasons: [
                    "in.model changed: t ran again with learning_rate 0.001 -> 0.0003"
                ]),
            ])
    }

    @Test("A change further up is named with the stage that brought it here")
    func changedAncestor() throws {
        let new = edited("countdown }", "countdown, with: { seed: 4 } }")
        #expect(
            try forecasts(new, stopped(new))[2]
                == .runs(reasons: [
                    "in.model changed: t ran again because of q: with.seed 0 -> 4",
                    "in.questions changed: q ran again with seed 0 -> 4",
                ]))
    }

    @Test("A stage whose key gave other bytes is the cause of what reads it")
    func otherBytes() throws {
        var past = Past()
        let plan = try Samples.plan(Self.text)
        past.run(plan)
        let key = try #require(past.key(of: "t"))
        past.answers[key] = StageHistory.Answer(outputs: ["model": Digest(of: "other")])
        #expect(
            try forecasts(Self.text, past)[2]
                == .runs(reasons: ["in.model changed: t ran again and gave other bytes"]))
    }

    @Test("An artifact that is gone is the reason to make it again")
    func missing() throws {
        var past = Past()
        past.run(try Samples.plan(Self.text))
        let key = try #require(past.key(of: "q"))
        past.answers[key]?.missing = ["test", "train"]
        #expect(
            try forecasts(Self.text, past) == [
                .runs(reasons: ["its artifact test is missing", "its artifact train is missing"]),
                .waits(on: ["q"]), .waits(on: ["q", "t"]),
            ])
    }

    @Test("A forced stage runs though it is cached, and what reads it waits")
    func forced() throws {
        var past = Past()
        past.run(try Samples.plan(Self.text))
        #expect(
            try forecasts(Self.text, past, forced: ["t"]) == [
                .cached, .runs(reasons: ["it is forced"]), .waits(on: ["t"]),
            ])
    }

    @Test("Results of another pipeline are found, however long the chain")
    func elsewhere() throws {
        var past = Past()
        past.run(try Samples.plan(Self.text))
        past.last = [:]
        #expect(try forecasts(Self.text, past) == [.cached, .cached, .cached])
    }

    @Test("An interrupted stage goes on from its checkpoint")
    func resumes() throws {
        var past = Past()
        past.run(try Samples.plan(Self.text), upTo: "t")
        let key = try #require(past.key(of: "t"))
        past.answers[key] = StageHistory.Answer(checkpoint: 1_200)
        #expect(
            try forecasts(Self.text, past) == [
                .cached, .resumes(step: 1_200, total: nil), .runs(reasons: ["it has never run"]),
            ])
    }

    @Test("A stage that was stopped runs again because it did not finish")
    func failed() throws {
        var past = Past()
        past.run(try Samples.plan(Self.text), upTo: "t")
        #expect(
            try forecasts(Self.text, past)[1]
                == .runs(reasons: ["its last execution did not finish"]))
    }

    @Test("A stage that failed says with what")
    func failedWithError() throws {
        var past = Past()
        past.run(try Samples.plan(Self.text), upTo: "t", error: "no luck\nat all")
        #expect(
            try forecasts(Self.text, past)[1]
                == .runs(reasons: ["its last execution failed: no luck"]))
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
