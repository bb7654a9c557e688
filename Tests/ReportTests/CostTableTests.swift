import Report
import Store
import TestSupport
import Testing

@Suite("The table of costs", .timeLimit(.minutes(10)))
struct CostTableTests {
    private func cost(
        _ label: String, _ tokens: Double, isMain: Bool = false, unmeasured: Int = 0
    ) -> ArmCost {
        ArmCost(
            label: label, replicates: 3, generatedTokens: tokens, scoredTokens: 20.5,
            trainedTokens: 300, verifierCalls: 8, cpuSeconds: 61.25, unmeasured: unmeasured,
            isMain: isMain)
    }

    @Test("Arms are compared with the main one, and those that sampled more or less are named")
    func ratios() {
        let table = CostTable([
            cost("rft", 900), cost("variational", 1000, isMain: true), cost("grpo", 4000),
            cost("base", 0),
        ])
        #expect(
            table.titled?.text == """
                Cost of the arms without pretraining and candidates that were not chosen: means over \
                replicates; ratio of generated tokens to variational
                arm          replicates  generated tokens  ratio  scored tokens  trained tokens  \
                verifier calls  processor seconds
                -----------  ----------  ----------------  -----  -------------  --------------  \
                --------------  -----------------
                rft                   3               900  0.90              21             300  \
                             8  61.3
                variational           3              1000  1.00              21             300  \
                             8  61.3
                grpo                  3              4000  4.00              21             300  \
                             8  61.3
                base                  3                 0  0.00              21             300  \
                             8  61.3
                Not matched: the generated tokens of grpo differ by more than 10 % from those of variational.

                """)
    }

    @Test("Without a main arm the one that generated most is compared with")
    func noMain() {
        let table = CostTable([cost("a", 95), cost("b", 100, unmeasured: 2)]).titled
        #expect(table?.title.hasSuffix("ratio of generated tokens to b") == true)
        #expect(
            table?.note
                == "Too low: stages of an earlier version did not report their work for b.")
        #expect(CostTable([cost("a", 0)]).titled?.table.rows[0][3] == .null)
        #expect(CostTable([]).titled == nil)
    }

    @Test("The costs of a run are those of its compared arms, in the order of the comparison")
    func query() throws {
        let small = try SmallRun()
        var tests: [Int64] = []
        for (label, values) in [("grpo", [100, 300]), ("variational", [10, 30]), ("other", [7])] {
            for (seed, value) in values.enumerated() {
                let model = try small.stage("\(label)[seed=\(seed)]")
                try small.execute(
                    """
                    INSERT INTO series (execution, name) VALUES (\(model), 'generated_tokens');
                    INSERT INTO metric_point VALUES (last_insert_rowid(), 0, \(value));
                    """)
                let test = try small.stage("\(label)_test[seed=\(seed)]", inputs: [model])
                try small.execute(
                    "UPDATE execution_input SET name = 'model' WHERE execution = \(test)")
                try small.evaluation(test, label, "avg@4", 0.5, replicate: seed)
                tests.append(test)
            }
        }
        let comparison = try small.stage("comparison", inputs: tests)
        try small.execute(
            """
            UPDATE execution SET document = '{"options":{"main":"variational"}}'
            WHERE id = \(comparison);
            INSERT INTO arm VALUES
                (\(comparison), 'o', 'variational', NULL, 'avg@4', 0.5, 0.25, 1, 9, 2),
                (\(comparison), 'o', 'grpo', NULL, 'avg@4', 0.5, 0.25, 1, 9, 2);
            """)
        let run = try #require(try small.store.runs().first)
        let costs = try RunResults(of: run.id, in: small.store).costs
        #expect(costs.map(\.label) == ["variational", "grpo"])
        #expect(costs.map(\.generatedTokens) == [20, 200])
        #expect(costs.map(\.isMain) == [true, false])
        #expect(costs.map(\.replicates) == [2, 2])
    }
}
