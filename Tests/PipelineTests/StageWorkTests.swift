import Pipeline
import Testing

@Suite("Estimates of work", .timeLimit(.minutes(10)))
struct StageWorkTests {
    private static let ingest = StageKind(
        name: "ingest", version: 1, summary: "Reads questions.",
        outputs: [StageKind.Output("questions", .questions, "The questions.")],
        options: [StageKind.Option("rows", .integer(1...1_000_000), default: .null, "Rows.")],
        work: { settings in
            guard case .integer(let rows)? = settings.options.values["rows"] else {
                return .unknown
            }
            return StageWork(outputs: ["questions": ArtifactSize(rows: Amount(rows), tokens: 0)])
        })

    private static let sample = StageKind(
        name: "sample", version: 1, summary: "Samples traces.",
        inputs: [StageKind.Input("questions", .questions, isGathered: true, "The questions.")],
        outputs: [StageKind.Output("traces", .traces, "The traces.")],
        work: { settings in
            let rows = settings["questions"].rows * 8
            return StageWork(
                outputs: ["traces": ArtifactSize(rows: rows, tokens: rows * 100)],
                parameters: 1_000, generated: rows * 100)
        })

    private func plan(_ text: String) throws -> Plan {
        let checked = Samples.parse(text, kinds: [Self.ingest, Self.sample])
        let pipeline = try #require(checked.value)
        return try #require(pipeline.plan { _ in throw CancellationError() }.value)
    }

    @Test("What is unknown stays unknown, except for nothing and within a limit")
    func amounts() {
        let two: Amount = 2
        #expect(two + 3 == 5 && two * 3 == 6 && two / 4 == Amount(0.5))
        #expect(two + .unknown == .unknown && two * .unknown == .unknown)
        #expect(0 * Amount.unknown == 0 && 0 / Amount.unknown == 0 && two / 0 == .unknown)
        #expect(two.atMost(1) == 1 && two.atMost(.unknown) == 2 && Amount.unknown.atMost(1) == 1)
        #expect(two.or(3) == 2 && Amount.unknown.or(3) == 3)
    }

    @Test(
        "Sizes go from stage to stage, and a forward pass is two operations per parameter and token"
    )
    func sizes() throws {
        let plan = try plan(
            """
            name: p
            stages:
              a: { uses: ingest, with: { rows: 10 } }
              b: { uses: ingest, with: { rows: 5 } }
              t: { uses: sample, in: { questions: [a, b] } }
            """)
        let work = plan.stages.work()
        #expect(work[2].outputs["traces"] == ArtifactSize(rows: 120, tokens: 12_000))
        #expect(work[2].generated == 12_000 && work[2].operations == 24_000_000)
        #expect(work[2].trained == 0 && work[2].steps == 0)
    }

    @Test("A known size replaces an estimate, and is used where there is none")
    func known() throws {
        let plan = try plan(
            """
            name: p
            stages:
              a: { uses: ingest }
              t: { uses: sample, in: { questions: a } }
            """)
        #expect(plan.stages.work()[1].generated == .unknown)
        let known = ["a": ["questions": ArtifactSize(rows: 3)]]
        #expect(plan.stages.work(known: known)[1].generated == 2_400)
    }
}
