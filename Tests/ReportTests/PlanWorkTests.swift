import Files
import Foundation
import Pipeline
import Report
import Testing

@Suite("The work of a plan", .timeLimit(.minutes(10)))
struct PlanWorkTests {
    private static let origin = StageKind.Option(
        StageKind.originOption, .text, default: .null, affectsResult: false, "Where it is.")

    private static let kinds = [
        StageKind(
            name: "ingest", version: 1, summary: "Reads questions.",
            outputs: [StageKind.Output("questions", .questions, "The questions.")],
            options: [
                StageKind.Option("file", .file, default: .null, "The questions."), origin,
            ],
            work: { _ in
                StageWork(outputs: ["questions": ArtifactSize(rows: 16_710, tokens: 0)])
            }),
        StageKind(
            name: "sample", version: 1, summary: "Samples traces.",
            inputs: [StageKind.Input("questions", .questions, "The questions.")],
            outputs: [StageKind.Output("traces", .traces, "The traces.")],
            options: [StageKind.Option("seed", .integer(0...9), default: .integer(0), "Seed.")],
            work: { settings in
                let rows = settings["questions"].rows * 8
                return StageWork(
                    outputs: ["traces": ArtifactSize(rows: rows, tokens: rows * 32_764)],
                    parameters: 4_000_000_000, generated: rows * 32_764)
            }),
        StageKind(
            name: "train", version: 1, summary: "Trains a model.",
            inputs: [StageKind.Input("traces", .traces, isGathered: true, "The traces.")],
            outputs: [StageKind.Output("model", .model, "The model.")],
            work: { settings in
                StageWork(
                    outputs: ["model": ArtifactSize(parameters: 950)], parameters: 950,
                    trained: 1_000, steps: 10_444)
            }),
        StageKind(
            name: "other", version: 1, summary: "Does something.",
            inputs: [StageKind.Input("model", .model, "The model.")],
            outputs: [StageKind.Output("out", .files, "What it writes.")]),
    ]

    private static let text = """
        name: p
        stages:
          q: { uses: ingest }
          t:
            uses: sample
            in: { questions: q }
            matrix: { seed: [0, 1] }
            with: { seed: "${matrix.seed}" }
          m: { uses: train, in: { traces: t } }
          o: { uses: other, in: { model: m } }
        """

    private func plan(_ text: String) throws -> Plan {
        let checked = Pipeline.parse(SourceFile(path: "p.yaml", text: text), kinds: Self.kinds)
        let pipeline = try #require(checked.value, "\(checked.diagnostics)")
        return try #require(pipeline.plan { _ in throw POSIXError(.ENOENT) }.value)
    }

    @Test("Instances of a stage are added up, and unknown parts are marked")
    func text() throws {
        let forecast = try Forecast(of: try plan(Self.text), memory: NoMemory())
        #expect(
            PlanWork(of: forecast).text == """
                stage  instances  rows     steps       generated   scored  trained     FLOP        outputs
                -----  ---------  -------  ----------  ----------  ------  ----------  ----------  ----------
                q      1          16,710                                                           8.36 MB
                t      2          267,360              8.76 G                          70.1 E      105 GB
                m      1                   10,444                          1.00 k      5.70 M      3.80 kB
                o      1                   ?           ?           ?       ?           ?           ?
                total  5                   10,444 + ?  8.76 G + ?  ?       1.00 k + ?  70.1 E + ?  105 GB + ?
                Upper bounds: rows of the main output, optimizer steps, and tokens as if every sampled text had its greatest
                length. Prompts, and answers that are only scored or trained on, are not counted. FLOP: 2 per parameter and
                token, 6 in training. Outputs: before compression. A question mark stands for what is not known yet.

                """)
    }

    @Test("A plan without stages to run has no work")
    func nothing() throws {
        let forecast = try Forecast(of: Plan(stages: []), memory: NoMemory())
        #expect(PlanWork(of: forecast).text == "Nothing to run.\n")
    }

    @Test("Missing files are listed once, with the places where they are published")
    func missing() throws {
        let plan = try plan(
            """
            name: p
            stages:
              a: { uses: ingest, with: { file: data/a.jsonl, origin: example.org/a } }
              b: { uses: ingest, with: { file: b.jsonl, origin: example.org/b } }
              c: { uses: ingest, with: { file: b.jsonl, origin: example.org/b } }
            """)
        #expect(
            MissingFiles(of: plan)?.text == """
                2 files or directories are missing; get them from the places where they are published:
                  data/a.jsonl  example.org/a
                  b.jsonl       example.org/b
                """)
        #expect(MissingFiles(of: try self.plan(Self.text)) == nil)
    }
}
