import Foundation
import Testing

@Suite("Published files that are not there yet", .timeLimit(.minutes(10)))
struct PublishedFileTests {
    private let tool: Tool

    init() throws {
        tool = try Tool()
        try tool.write(
            """
            name: p
            stages:
              q:
                uses: ingest.jsonl
                with: { files: [a.jsonl], origin: example.org/a, rows: 16710 }
              small:
                uses: ingest.countdown
                with: { train: 4, demonstrations: 4, test: 4 }
            """, to: "p.yaml")
    }

    private static let missing = """
        1 file or directory is missing; get it from the place where it is published:
          a.jsonl  example.org/a

        """

    @Test("A plan names the place and tells the work all the same")
    func plan() throws {
        let plan = try tool.run("plan", "p.yaml")
        #expect(plan.status == 0)
        #expect(plan.errors == "vireo: warning: " + Self.missing)
        #expect(
            plan.output == """
                q      runs because its file a.jsonl is missing
                small  runs because it has never run

                """)
        let work = try tool.run("plan", "p.yaml", "--work")
        #expect(
            work.output == """
                stage  instances  rows    steps  generated  scored  trained  FLOP  outputs
                -----  ---------  ------  -----  ---------  ------  -------  ----  -------
                q      1          16,710                                           16.7 MB
                small  1          4                                                10.3 kB
                total  2                                                           16.7 MB
                Upper bounds: rows of the main output, optimizer steps, and tokens as if every sampled text had its greatest
                length. Prompts, and answers that are only scored or trained on, are not counted. FLOP: 2 per parameter and
                token, 6 in training. Outputs: before compression. A question mark stands for what is not known yet.

                """)
    }

    @Test("A run of a stage without its file is refused, and that of other stages is not")
    func run() throws {
        let run = try tool.run("run", "p.yaml")
        #expect(run.status == 1)
        #expect(run.errors == "vireo: error: " + Self.missing)
        let other = try tool.run("run", "p.yaml", "small")
        #expect(other.status == 0, "\(other.errors)")
        try tool.write(#"{"text":"one","answer":"1"}"# + "\n", to: "a.jsonl")
        let wrong = try tool.run("run", "p.yaml")
        #expect(wrong.status == 2)
        #expect(
            wrong.errors.contains(
                "the files contain 1 questions, and 0 records were left out, but `rows` is 16710: check the files, or correct `rows`"
            ))
    }

    @Test("Without a cluster, a speed gives hours without costs")
    func hours() throws {
        try tool.write(
            """
            name: p
            stages:
              q:
                uses: ingest.jsonl
                with: { files: [a.jsonl], origin: example.org/a, rows: 16710 }
              m:
                uses: ingest.model
                with: { directory: m, origin: example.org/m, parameters: 1000000000 }
              t:
                uses: sample.rollouts
                in: { model: m, questions: q }
                with: { per_question: 1, max_tokens: 100 }
                resources: { gpus: 2 }
            """, to: "p.yaml")
        let plan = try tool.run("plan", "p.yaml", "--work", "--tflops", "1")
        #expect(plan.status == 0)
        #expect(
            plan.output.hasSuffix(
                """

                stage  instances  nodes each  CPUs each  GPUs each  time (h)  CPU time (h)  GPU time (h)  times
                -----  ---------  ----------  ---------  ---------  --------  ------------  ------------  ----------------------
                q      1          1           1          0          ?         ?             ?             unknown
                m      1          1           1          0          ?         ?             ?             unknown
                t      1          1           1          2          0.46      0.46          0.93          estimated
                total  3                                            0.46 + ?  0.46 + ?      0.93 + ?      1 estimated, 2 unknown
                Times of 3 stages: 1 by their work at 1.0 TFLOP/s per GPU or CPU; 2 unknown and not counted: declare \
                `resources.time`.

                """), "\(plan.output)")
    }

    @Test("A speed needs work to be divided by it")
    func speed() throws {
        let result = try tool.run("plan", "p.yaml", "--tflops", "1")
        #expect(result.errors.hasPrefix("vireo: error: --tflops needs --work\n"))
        #expect(result.status == 64)
    }
}
