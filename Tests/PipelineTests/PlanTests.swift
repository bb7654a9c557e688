import Pipeline
import Testing

@Suite struct PlanTests {
    @Test("A plan puts each stage after its inputs and keeps the file's order otherwise")
    func order() throws {
        let plan = try Samples.plan(Samples.quickstart)
        #expect(
            plan.stages.map(\.id) == [
                "questions", "prior", "traces[shard=0]", "traces[shard=1]", "traces[shard=2]",
                "traces[shard=3]", "weights",
            ])
    }
}
