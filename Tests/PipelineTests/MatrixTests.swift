import Pipeline
import Testing

@Suite(.timeLimit(.minutes(10)))
struct MatrixTests {
    private static let seeds = """
        name: p
        matrix: { seed: [0, 1] }
        stages:
          q:
            uses: ingest.countdown
            with: { seed: "${matrix.seed}" }
          t:
            uses: train.sft
            in: { data: q }
            with: { learning_rate: 1 }
          s:
            uses: sample.traces
            in: { model: t, questions: q.test }
            matrix: { shard: [0, 1], part: [x, y] }
            replicates: [shard, part]
          w:
            uses: weigh
            in: { traces: s }
        """

    @Test("An id has a value for each axis: those of the file first, then in declared order")
    func ids() throws {
        let plan = try Samples.plan(Self.seeds)
        #expect(
            plan.stages.filter { $0.name == "s" }.prefix(4).map(\.id) == [
                "s[seed=0,shard=0,part=x]", "s[seed=0,shard=0,part=y]",
                "s[seed=0,shard=1,part=x]", "s[seed=0,shard=1,part=y]",
            ])
        #expect(plan.stages.count == 2 + 2 + 8 + 2)
    }

    @Test("An input is matched along the axes both stages have")
    func broadcast() throws {
        let plan = try Samples.plan(Self.seeds)
        #expect(
            plan["s[seed=1,shard=0,part=y]"]?.inputs["model"] == [
                OutputReference(stage: "t[seed=1]", output: "model")
            ])
    }

    @Test("An input is gathered over the other axes in declared order")
    func gather() throws {
        let plan = try Samples.plan(Self.seeds)
        #expect(
            plan["w[seed=1]"]?.inputs["traces"]?.map(\.stage) == [
                "s[seed=1,shard=0,part=x]", "s[seed=1,shard=0,part=y]",
                "s[seed=1,shard=1,part=x]", "s[seed=1,shard=1,part=y]",
            ])
    }

    @Test("A gathered list takes its stages in the order it names them")
    func gatheredList() throws {
        let plan = try Samples.plan(
            Self.seeds + "\n  v:\n    uses: weigh\n    in: { traces: [s, s.traces] }\n")
        #expect(plan["v[seed=0]"]?.inputs["traces"]?.count == 8)
        #expect(plan["v[seed=0]"]?.after.count == 4)
    }

    @Test("Axes match by name in any order, and by value in any spelling")
    func meeting() throws {
        let plan = try Samples.plan(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                matrix: { a: [1, 2], b: [x, y] }
                replicates: [a, b]
              t:
                uses: train.sft
                in: { data: q }
                matrix: { b: [y], a: [2.0, 1.0] }
                with: { learning_rate: 1 }
            """)
        #expect(
            plan.stages.suffix(2).map { "\($0.id) \($0.inputs["data"]?.first?.stage ?? "")" } == [
                "t[b=y,a=2] q[a=2,b=y]", "t[b=y,a=1] q[a=1,b=y]",
            ])
    }

    @Test("What a stage needs is matched along shared axes too")
    func needs() throws {
        let plan = try Samples.plan(
            Self.seeds + "\n  r:\n    uses: ingest.countdown\n    needs: [s, t]\n")
        #expect(
            plan["r[seed=0]"]?.after == [
                "s[seed=0,shard=0,part=x]", "s[seed=0,shard=0,part=y]",
                "s[seed=0,shard=1,part=x]", "s[seed=0,shard=1,part=y]", "t[seed=0]",
            ])
    }

    @Test("A wide matrix is planned without delay")
    func wide() throws {
        let shards = (0..<2_000).map(String.init).joined(separator: ", ")
        let plan = try Samples.plan(
            """
            name: p
            stages:
              q: { uses: ingest.countdown, matrix: { n: [\(shards)] }, replicates: n }
              t:
                uses: train.sft
                in: { data: q }
                matrix: { n: [\(shards)] }
                with: { learning_rate: 1 }
            """)
        #expect(plan["t[n=1999]"]?.after == ["q[n=1999]"])
    }

    @Test("A shard is a part of the whole: the parts of 10 in 4 are 2, 3, 2 and 3")
    func shards() throws {
        let parts = try (0..<4).map { try #require(Shard("\($0)/4")).range(of: 10) }
        #expect(parts == [0..<2, 2..<5, 5..<7, 7..<10])
        #expect(Shard("1") == nil)
        #expect(Shard("-1/4") == nil)
    }

    @Test("`matrix: {}` keeps a stage out of the file's matrix, and it gathers over the axes")
    func outside() throws {
        let plan = try Samples.plan(
            Self.seeds + "\n  v:\n    uses: weigh\n    in: { traces: s }\n    matrix: {}\n")
        #expect(plan.stages.filter { $0.name == "v" }.map(\.id) == ["v"])
        #expect(plan["v"]?.inputs["traces"]?.count == 8)
    }

    @Test("Defaults go to all stages that declare the option and do not say otherwise")
    func defaults() throws {
        let plan = try Samples.plan(
            """
            name: p
            matrix: { seed: [0, 1] }
            defaults:
              with: { seed: "${matrix.seed}", learning_rate: 0.5 }
              resources: { memory: 1GB, cpus: 2 }
            stages:
              q: { uses: ingest.countdown }
              r: { uses: ingest.countdown, with: { seed: 7 }, replicates: seed }
              t: { uses: train.sft, in: { data: q }, resources: { cpus: 4 } }
            """)
        #expect(plan["q[seed=1]"]?.options.integer("seed") == 1)
        #expect(plan["r[seed=1]"]?.options.integer("seed") == 7)
        #expect(plan["t[seed=0]"]?.options.number("learning_rate") == 0.5)
        #expect(plan["t[seed=0]"]?.resources.cpus == 4)
        #expect(plan["q[seed=0]"]?.resources.cpus == 2)
        #expect(plan["t[seed=0]"]?.resources.memory == 1_000_000_000)
    }
}
