import Reasoning
import Report
import Store
import Testing

@Suite("Tables of a study", .timeLimit(.minutes(10)))
struct StudyTableTests {
    private func arm(
        _ label: String, _ measure: String, _ level: Int?, _ value: Double, _ margin: Double,
        stage: String = "comparison", replicates: Int? = 5
    ) -> AccuracyFigure {
        AccuracyFigure(
            stage: stage, label: label, level: level, measure: measure, value: value,
            low: value - margin, high: value + margin, questions: 400, replicates: replicates)
    }

    private func arms(_ figures: [AccuracyFigure]) -> AccuracyTables {
        AccuracyTables(RunResults(arms: figures))
    }

    @Test("An arm has one row over its replicates")
    func replicates() {
        let tables = arms([
            arm("prior", "avg@4", nil, 0.2, 0.01), arm("prior", "avg@4", 1, 0.4, 0.02),
            arm("prior", "pass@4", nil, 0.5, 0.02), arm("prior", "pass@4", 1, 0.9, 0.02),
            arm("variational", "avg@4", nil, 0.375, 0.025),
        ])
        #expect(
            tables.tables.map(\.text) == [
                """
                Accuracy in %: avg@4 on 400 questions, mean over replicates ± 95% interval over them
                arm          replicates  all        L1         pass@4
                -----------  ----------  ---------  ---------  ---------
                prior                 5  20.0 ±1.0  40.0 ±2.0  50.0 ±2.0
                variational           5  37.5 ±2.5

                """
            ])
    }

    @Test("Each of several comparisons, as at two temperatures, has a table that names it")
    func severalComparisons() {
        let tables = arms([
            arm("prior", "avg@4", nil, 0.25, 0.125, stage: "warm"),
            arm("prior", "avg@4", nil, 0.5, 0.25, stage: "cool"),
        ])
        #expect(
            tables.tables.map(\.text) == [
                """
                Accuracy in %, warm: avg@4 on 400 questions, mean over replicates ± 95% interval over them
                arm    replicates  all
                -----  ----------  ----------
                prior           5  25.0 ±12.5

                """,
                """
                Accuracy in %, cool: avg@4 on 400 questions, mean over replicates ± 95% interval over them
                arm    replicates  all
                -----  ----------  ----------
                prior           5  50.0 ±25.0

                """,
            ])
    }

    @Test("A label that no stage compared has a row a stage")
    func mixed() {
        let tables = arms([
            arm("base", "avg@4", nil, 0.25, 0.5, stage: "base[seed=0]", replicates: nil),
            arm("base", "avg@4", nil, 0.5, 0.125, stage: "base[seed=1]", replicates: nil),
            arm("final", "avg@4", nil, 0.75, 0.25),
        ])
        #expect(
            tables.tables.map(\.text) == [
                """
                Accuracy in %: avg@4 on 400 questions, mean over replicates ± 95% interval over them; \
                clustered by question if there are fewer than two
                arm                  replicates  all
                -------------------  ----------  ----------
                base (base[seed=0])              25.0 ±50.0
                base (base[seed=1])              50.0 ±12.5
                final                         5  75.0 ±25.0

                """
            ])
    }

    @Test("The interval of a single replicate is clustered by question, and says so")
    func single() {
        let tables = arms([
            arm("prior", "avg@4", nil, 0.25, 0.125, replicates: 1),
            arm("final", "avg@4", nil, 0.5, 0.125, replicates: 1),
        ])
        #expect(
            tables.tables.map(\.text) == [
                """
                Accuracy in %: avg@4 on 400 questions, ± 95% interval clustered by question
                arm    replicates  all
                -----  ----------  ----------
                prior           1  25.0 ±12.5
                final           1  50.0 ±12.5

                """
            ])
        let mixed = arms([
            arm("prior", "avg@4", nil, 0.25, 0.125, replicates: 1),
            arm("final", "avg@4", nil, 0.5, 0.125),
        ])
        #expect(
            mixed.tables.map(\.title) == [
                "Accuracy in %: avg@4 on 400 questions, mean over replicates ± 95% interval over "
                    + "them; clustered by question if there are fewer than two"
            ])
    }

    private func claim(
        _ id: String, _ value: Double, _ low: Double, _ high: Double, unit: String = "points",
        claim: String = "c", measured: String = "m", isPrimary: Bool = false, p: Double? = nil,
        adjusted: String? = nil, detectable: Double? = nil
    ) -> ClaimRecord {
        ClaimRecord(
            id: id, claim: claim, measured: measured, value: value, low: low, high: high,
            unit: unit, yardstick: "y", questions: 400, replicates: 5, finding: "holds",
            isPrimary: isPrimary, pValue: p, adjustedFinding: adjusted, detectable: detectable)
    }

    @Test("A claim stands once before what was measured of it; a number may have several claims")
    func claims() {
        let table = ClaimTable([
            claim("T1", 1.5, 1, 2, claim: "a", measured: "first"),
            claim("T1", 2, 1.5, 2.5, claim: "a", measured: "second"),
            claim("T1", 3, 2.5, 3.5, claim: "b", measured: "third"),
            claim("T2", .nan, .nan, .nan, claim: "b"),
        ])
        #expect(
            table.text == """
                Claims: measurements with 95% intervals, and findings
                id  claim  measured  value                n  seeds  finding
                --  -----  --------  -----------------  ---  -----  -------
                T1  a      first     1.50 ±0.50 points  400      5  holds
                           second    2.00 ±0.50 points  400      5  holds
                T1  b      third     3.00 ±0.50 points  400      5  holds
                T2  b      m         n/a                400      5  holds

                """)
        #expect(table.titled?.table.columns.contains("yardstick") == true)
        #expect(ClaimTable([]).text.isEmpty)
    }

    @Test("Each of several tests of claims has a table that names it; theorems are in the first")
    func severalTests() {
        var theorem = claim("T1", 1.5, 1, 2, claim: "theorem")
        (theorem.questions, theorem.replicates) = (nil, nil)
        let claims = ["warm", "cool"].flatMap { stage in
            [
                StageClaim(stage: stage, claim: theorem),
                StageClaim(stage: stage, claim: claim("T8", 1.5, 1, 2)),
            ]
        }
        let tables = ClaimTable.all(claims)
        #expect(
            tables.compactMap { $0.titled?.title } == [
                "Claims of warm: measurements with 95% intervals, and findings",
                "Claims of cool: measurements with 95% intervals, and findings",
            ])
        #expect(tables.compactMap { $0.titled?.table.rows.count } == [2, 1])
        #expect(
            ClaimTable.all(Array(claims.prefix(2))).first?.titled?.title
                == "Claims: measurements with 95% intervals, and findings")
    }

    @Test(
        "The primary claim is marked, with what it could find; p-values and both findings are shown"
    )
    func findings() {
        let claims = [
            claim(
                "T8", 1.5, 1, 2, claim: "a", measured: "first", isPrimary: true, p: 0.0004,
                adjusted: "holds", detectable: 0.7),
            claim("T8", 1.5, 1, 2, claim: "a", measured: "median"),
            claim("T9", 1.5, 1, 2, claim: "b", p: 0.0321, adjusted: "undecided", detectable: 2),
        ]
        #expect(
            ClaimTable(claims).text == """
                Claims: measurements with 95% intervals, and findings, raw and adjusted by Holm's method
                id  claim             measured                                 value                n  seeds  p       finding  adjusted
                --  ----------------  ---------------------------------------  -----------------  ---  -----  ------  -------  ---------
                T8  Primary claim: a  first; 0.700 points would be found with  1.50 ±0.50 points  400      5  <0.001  holds    holds
                                      80% power

                T8  a                 median                                   1.50 ±0.50 points  400      5          holds

                T9  b                 m                                        1.50 ±0.50 points  400      5  0.032   holds    undecided

                """)
        let page = ClaimTable(claims).titled?.table
        #expect(page?.columns.suffix(3) == ["p", "finding", "adjusted"])
        #expect(page?.rows[0][1] == .text("Primary claim: a"))
        #expect(
            page?.rows.map { $0.suffix(3) } == [
                [.text("<0.001"), .text("holds"), .text("holds")],
                [.null, .text("holds"), .null],
                [.text("0.032"), .text("holds"), .text("undecided")],
            ])
    }

    private func replicate(
        _ label: String, _ number: Int, _ value: Double?, stage: String = "comparison"
    ) -> ReplicateFigure {
        ReplicateFigure(
            stage: stage, label: label, replicate: number, measure: "avg@4", questions: 400,
            value: value)
    }

    @Test("Each replicate of compared arms has its accuracy, in a table for each comparison")
    func accuracyByReplicate() {
        let figures = [
            replicate("prior", 0, 0.2), replicate("variational", 1, 0.5),
            replicate("prior", 1, 0.25), replicate("variational", 0, 0.05),
        ]
        #expect(
            ReplicateTable(figures).tables.map(\.text) == [
                """
                Accuracy of each replicate in %: avg@4 on 400 questions
                arm          0     1
                -----------  ----  ----
                prior        20.0  25.0
                variational  5.0   50.0

                """
            ])
        let several = [
            replicate("prior", 0, 0.5, stage: "cool"), replicate("prior", 1, nil, stage: "cool"),
        ]
        #expect(
            ReplicateTable(figures + several).tables.map(\.title) == [
                "Accuracy of each replicate in %, comparison: avg@4 on 400 questions",
                "Accuracy of each replicate in %, cool: avg@4 on 400 questions",
            ])
        func tables(_ count: Int) -> [TitledTable] {
            ReplicateTable((0..<count).map { replicate("prior", $0, 0.5) }).tables
        }
        #expect([1, 2, 20, 21].map { tables($0).count } == [0, 1, 1, 0])
    }

    @Test(
        "A value shows as many digits as its interval justifies",
        arguments: [
            (12.34, -1.0, 25.68, "12 ±13 points"), (0.02134, 0.01, 0.03268, "0.021 ±0.011 points"),
            (3e-9, 1e-9, 5e-9, "3.0e-09 (1.0e-09 to 5.0e-09) points"),
            (12.345, .nan, .nan, "12.3 points"), (0, .nan, .nan, "0 points"),
        ] as [(Double, Double, Double, String)])
    func digits(value: Double, low: Double, high: Double, text: String) {
        let table = ClaimTable([claim("T1", value, low, high)]).titled?.table
        #expect(table?.rows.first?[3] == .text(text))
    }

    @Test("Long claims are broken at blanks, so that the table fits 120 columns")
    func wrapped() {
        let words = Array(repeating: "forward", count: 30).joined(separator: " ")
        let text = ClaimTable([
            claim("T1", 1.5, 1, 2, claim: words, measured: words + " end"),
            claim("T2", 1.5, 1, 2),
        ]).text
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .dropFirst().dropLast()
        #expect(lines.allSatisfy { $0.count <= 120 })
        #expect(lines.contains(""))
        let shown = text.split(whereSeparator: \.isWhitespace)
        #expect(shown.count { $0 == "forward" } == 60)
        #expect(shown.contains("end"))
    }

    private func mass(
        _ method: String, _ low: Double, _ high: Double, _ weight: Double, exact: Double? = nil,
        exampleShare: Double? = nil
    ) -> GradientMass {
        GradientMass(
            name: "mass", method: method, groupSize: 8, low: low, high: high, questions: 100,
            accuracy: 0.1, weight: weight, weightError: 0.05, exact: exact, lossShare: nil,
            gradientShare: nil, exampleShare: exampleShare)
    }

    @Test("Exact weights and shares of examples stand below measured weights, where there are any")
    func gradientMass() {
        let table = GradientMassTable([
            mass("grpo", 0, 0.125, 0.25, exact: 0.3), mass("grpo", 0.125, 1, 1.5, exact: 1.25),
            mass("own", 0, 0.125, 1), mass("variational", 0, 0.125, 1, exampleShare: 0.75),
        ])
        #expect(
            table.titled?.text == """
                Gradient mass: weight on grad log P(Y_x|x) by accuracy, ± 95% interval over questions
                method       group  figure         0 to 0.125    0.125 to 1
                -----------  -----  -------------  ------------  ------------
                grpo             8  weight         0.250 ±0.098  1.500 ±0.098
                                    exact weight   0.300         1.250
                own              8  weight         1.000 ±0.098
                variational      8  weight         1.000 ±0.098
                                    example share  0.750

                """)
        #expect(GradientMassTable([]).titled == nil)
    }
}
