import Files
import Pipeline
import Report
import Testing

@Suite("The estimate of a plan", .timeLimit(.minutes(10)))
struct PlanEstimateTests {
    private static let kind = StageKind(
        name: "make", version: 1, summary: "Makes a file.",
        outputs: [StageKind.Output("out", .files, "It.")],
        options: [StageKind.Option("text", .text, default: .string(""), "Its content.")])

    private static let trainer = StageKind(
        name: "train", version: 1, summary: "Trains a model.",
        outputs: [StageKind.Output("model", .model, "It.")],
        work: { _ in
            StageWork(outputs: [:], parameters: 1_000_000_000, trained: 1_200_000_000, steps: 1)
        })

    /// `speed` is that of a GPU, for stages without a recorded time.
    private func estimate(
        _ stages: String, seconds: [String: Double] = [:], rates: Profile.Rates? = nil,
        speed: Double? = nil
    ) throws -> String {
        let parsed = Pipeline.parse(
            SourceFile(path: "p.yaml", text: "name: p\nstages:\n" + stages),
            kinds: [Self.kind, Self.trainer])
        let pipeline = try #require(parsed.value, "\(parsed.diagnostics)")
        let plan = try #require(pipeline.plan(digestOfFile: { _ in Digest(of: "") }).value)
        var profile = Profile(name: "cluster", system: .slurm)
        profile.rates = rates
        let forecast = try Forecast(of: plan, pipeline: "p", forced: [], store: nil)
        let work = speed.map { PlanEstimate.Work(PlanWork(of: forecast), speed: $0) }
        return PlanEstimate(of: forecast, seconds: seconds, work: work, on: profile).text
    }

    @Test(
        "The heads have units, the last row has sums, and each row says where its times come from")
    func table() throws {
        var rates = Profile.Rates()
        (rates.cpu, rates.gpu, rates.currency) = (0.5, 2, "EUR")
        let text = try estimate(
            """
              a:
                uses: make
                matrix: { n: [1, 2, 3] }
                with: { text: "${matrix.n}" }
                resources: { time: 2h, cpus: 4, gpus: 1 }
              b: { uses: make, with: { text: b }, resources: { nodes: 2 } }
            """, seconds: ["a[n=1]": 3600], rates: rates)
        #expect(
            text == """
                stage  instances  nodes each  CPUs each  GPUs each  time (h)  CPU time (h)  GPU time (h)  cost (EUR)  times
                -----  ---------  ----------  ---------  ---------  --------  ------------  ------------  ----------  ---------------------------------
                a      3          1           4          1          5.00      20.00         5.00          20.00       1 recorded, 2 declared
                b      1          2           2          0          ?         ?             ?             ?           unknown
                total  4                                            5.00 + ?  20.00 + ?     5.00 + ?      20.00 + ?   1 recorded, 2 declared, 1 unknown
                Times of 4 stages: 1 recorded in earlier runs; 2 at most the declared `time`; 1 unknown and not counted: \
                declare `resources.time`.

                """)
    }

    @Test(
        "With the speed of a GPU, the operations of a stage give the time that it declares otherwise"
    )
    func work() throws {
        let text = try estimate(
            "  a: { uses: train, resources: { nodes: 2, gpus: 4, time: 5h } }\n"
                + "  b: { uses: make, resources: { time: 30m } }", speed: 125e12)
        #expect(
            text == """
                stage  instances  nodes each  CPUs each  GPUs each  time (h)  CPU time (h)  GPU time (h)  times
                -----  ---------  ----------  ---------  ---------  --------  ------------  ------------  -----------------------
                a      1          2           2          8          2.00      4.00          16.00         estimated
                b      1          1           1          0          0.50      0.50          0             declared
                total  2                                            2.50      4.50          16.00         1 estimated, 1 declared
                Times of 2 stages: 1 by their work at 125.0 TFLOP/s per GPU or CPU; 1 at most the declared `time`.

                """)
    }

    @Test("A single stage needs no sums, and without rates there is no cost")
    func single() throws {
        let text = try estimate("  a: { uses: make, resources: { time: 30m } }")
        #expect(
            text == """
                stage  instances  nodes each  CPUs each  GPUs each  time (h)  CPU time (h)  GPU time (h)  times
                -----  ---------  ----------  ---------  ---------  --------  ------------  ------------  --------
                a      1          1           1          0          0.50      0.50          0             declared
                Times of 1 stage: 1 at most the declared `time`.

                """)
    }
}
