import Files
import Pipeline
import Testing

@Suite(.timeLimit(.minutes(10)))
struct PlanTests {
    @Test("A plan puts each stage after its inputs and keeps the file's order otherwise")
    func order() throws {
        let plan = try Samples.plan(Samples.quickstart)
        #expect(
            plan.stages.map(\.id) == [
                "questions", "prior", "traces[shard=0]", "traces[shard=1]", "traces[shard=2]",
                "traces[shard=3]", "weights",
            ])
    }

    @Test("The name of a stage means its main output")
    func mainOutput() throws {
        let plan = try Samples.plan(Samples.quickstart)
        #expect(
            plan["traces[shard=2]"]?.inputs == [
                "model": [OutputReference(stage: "prior", output: "model")],
                "questions": [OutputReference(stage: "questions", output: "train")],
            ])
    }

    @Test("A stage comes after its inputs and after what it needs")
    func after() throws {
        let plan = try Samples.plan(Samples.quickstart)
        #expect(plan["prior"]?.after == ["questions"])
        #expect(
            plan["weights"]?.after == [
                "prior", "traces[shard=0]", "traces[shard=1]", "traces[shard=2]",
                "traces[shard=3]",
            ])
    }

    @Test("Options that the file leaves out have their defaults")
    func defaults() throws {
        let stage = try #require(try Samples.plan(Samples.quickstart)["prior"])
        #expect(
            stage.options.values == [
                "epochs": .number(3), "learning_rate": .number(0.001),
                "schedule": .string("cosine"), "mix": .bool(true),
            ])
    }

    @Test("A reference alone keeps the type of its value; inside a text it is spelled out")
    func references() throws {
        let stage = try #require(try Samples.plan(Samples.quickstart)["traces[shard=3]"])
        #expect(stage.options.integer("per_question") == 8)
        #expect(stage.options.text("shard") == "3/4")
    }

    @Test("A parameter may refer to another")
    func nestedParameters() throws {
        let plan = try Samples.plan(
            """
            name: p
            params: { note: "seed ${params.seed}", seed: 7 }
            stages:
              q: { uses: ingest.countdown, with: { seed: ${params.seed} } }
              t: { uses: train.sft, in: { data: q }, with: { learning_rate: 1 } }
              s:
                uses: sample.traces
                in: { model: t, questions: q.test }
                with: { note: "${params.note}!" }
            """)
        #expect(plan["s"]?.options.text("note") == "seed 7!")
    }

    @Test("A command names its outputs, takes any input and keeps references to files in place")
    func command() throws {
        let plan = try Samples.plan(
            """
            name: p
            params: { rate: 1e-3 }
            stages:
              q: { uses: ingest.countdown }
              c:
                uses: command
                in: { data: [q.train, q.test] }
                with:
                  argv: [run, "--data=${in.data}", "--out=${out.model}", --lr, ${params.rate},
                    -n, 1e-3, "$${HOME}"]
                  outputs: [model, log]
              t:
                uses: train.sft
                in: { data: q, model: c.model }
                with: { learning_rate: 1 }
            """)
        let stage = try #require(plan["c"])
        #expect(stage.outputs.map(\.name) == ["model", "log"])
        #expect(stage.outputs.map(\.type) == [.files, .files])
        #expect(stage.inputs["data"]?.map(\.output) == ["train", "test"])
        #expect(
            stage.options.list("argv")
                == [
                    "run", "--data=${in.data}", "--out=${out.model}", "--lr", "0.001", "-n",
                    "1e-3", "${HOME}",
                ].map { .string($0) })
        #expect(plan["t"]?.after == ["q", "c"])
    }

    @Test("Only the plain scalars of YAML 1.2 are more than texts")
    func scalars() throws {
        let plan = try Samples.plan(
            """
            name: p
            stages:
              c:
                uses: command
                with: { argv: [yes, "1", 012, 1:30, 1.50, true, -.5, !!str 7] }
            """)
        #expect(
            plan["c"]?.options.list("argv")
                == ["yes", "1", "012", "1:30", "1.50", "true", "-.5", "7"].map { .string($0) })
    }

    @Test("Files are found beside the pipeline file, and one named twice is read once")
    func files() throws {
        let checked = Samples.parse(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                with: { extra: a.txt, parts: [b.txt, /abs/c.txt, a.txt] }
            """)
        var read = [String]()
        let plan = try #require(checked.value).plan { path in
            read.append(path)
            return Digest(of: path)
        }
        let stage = try #require(plan.value?["q"])
        #expect(stage.options.text("extra") == "lab/a.txt")
        #expect(stage.options.list("parts").last == .string("lab/a.txt"))
        #expect(read == ["lab/a.txt", "lab/b.txt", "/abs/c.txt"])
        #expect(
            stage.fileDigests == [
                "extra": Digest(of: "lab/a.txt"), "parts[0]": Digest(of: "lab/b.txt"),
                "parts[1]": Digest(of: "/abs/c.txt"), "parts[2]": Digest(of: "lab/a.txt"),
            ])
    }

    @Test("A plan can be cut down to what one stage needs")
    func restricted() throws {
        let plan = try Samples.plan(Samples.quickstart)
        #expect(plan.restricted(to: ["prior"]).stages.map(\.id) == ["questions", "prior"])
        #expect(
            plan.upstream(of: ["traces[shard=1]"]) == ["traces[shard=1]", "prior", "questions"])
    }

    @Test("A plan knows what comes after a stage")
    func downstream() throws {
        let plan = try Samples.plan(Samples.quickstart)
        #expect(plan.downstream(of: ["traces[shard=1]"]) == ["traces[shard=1]", "weights"])
    }

    @Test("Instances are found by the name of their stage or by their id")
    func instances() throws {
        let plan = try Samples.plan(Samples.quickstart)
        #expect(plan.instances(of: "traces").count == 4)
        #expect(plan.instances(of: "traces[shard=1]").map(\.id) == ["traces[shard=1]"])
        #expect(plan.instances(of: "trcaes").isEmpty)
    }
}
