import Report
import Store
import TestSupport
import Testing

@Suite("View of gradient mass", .timeLimit(.minutes(10)))
struct GradientViewTests {
    private let small: SmallRun

    init() throws { small = try SmallRun() }

    /// Of a bin: method, group, low, high, questions, measured, accuracy, weight, its error, exact, example_share and
    /// the two shares.
    private func mass(_ execution: Int64, _ values: String...) throws {
        try small.execute(
            """
            INSERT INTO gradient_mass
                (execution, output, method, group_size, low, high, questions, measured, accuracy,
                weight, weight_error, exact, example_share, loss_share, gradient_share)
            VALUES \(values.map { "(\(execution), 'o', \($0))" }.joined(separator: ", "))
            """)
    }

    /// 30 measured questions of weight 1 with error 0.4 and 10 of weight 2 with error 0.9:
    /// (30 + 20) / 40 and sqrt(12^2 + 9^2) / 40.
    @Test("Gradient mass is the mean over the measured questions of all instances")
    func gradientMass() throws {
        try mass(
            try small.stage("mass[seed=0]"),
            "'grpo', 8, 0, 0.5, 90, 30, 0.25, 1, 0.4, 1.5, NULL, 0.5, 0.25")
        try mass(
            try small.stage("mass[seed=1]"),
            "'grpo', 8, 0, 0.5, 10, 10, 0.25, 2, 0.9, 1.5, NULL, 0.25, 0.75",
            "'own', 8, 0, 0.5, 7, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL")
        #expect(
            try small.query(
                """
                SELECT name, method, group_size, low, high, replicates, questions, accuracy, weight,
                    weight_error, exact, example_share, loss_share, gradient_share
                FROM gradient_mass_by_accuracy WHERE run = 1
                """) == [
                    "mass|grpo|8|0.0|0.5|2|100|0.25|1.25|0.375|1.5||0.375|0.5",
                    "mass|own|8|0.0|0.5|1|7|||||||",
                ])
    }

    /// Nothing can be measured of questions that no rollout solves, but their figures are known. 30 questions of which
    /// half have an example and 10 of which nine have one: (15 + 9) / 40.
    @Test("Known figures of questions without a measured one count by the questions")
    func unsolved() throws {
        for (seed, (questions, share)) in [(30, 0.5), (10, 0.9)].enumerated() {
            try mass(
                try small.stage("mass[seed=\(seed)]"),
                "'grpo', 8, 0, 0, \(questions), 0, 0, 0, NULL, NULL, NULL, NULL, NULL",
                "'variational', 8, 0, 0, \(questions), 0, 0, NULL, NULL, NULL, \(share), NULL, NULL"
            )
        }
        #expect(
            try small.query(
                """
                SELECT method, questions, accuracy, weight, weight_error, exact,
                    round(example_share, 6)
                FROM gradient_mass_by_accuracy WHERE run = 1 ORDER BY method
                """) == ["grpo|40|0.0|0.0|||", "variational|40|0.0||||0.6"])
    }

    /// The variational method has no exact curve.
    @Test("A chart of gradient mass has a panel for every stage, method and group, in this order")
    func gradientPanels() throws {
        for name in ["first", "second"] {
            try mass(
                try small.stage(name),
                "'grpo', 16, 0, 0.5, 9, 9, 0.25, 1, 0.5, 1.5, NULL, NULL, NULL",
                "'grpo', 8, 0, 0.5, 9, 9, 0.25, 1, 0.5, 1.5, NULL, NULL, NULL",
                "'variational', 8, 0, 0.5, 9, 9, 0.25, 1, 0.5, NULL, 0.5, NULL, NULL")
        }
        let points = try ReportQuery.gradientChart.points(of: RunID(rawValue: 1), in: small.store)
            .filter { $0.y != nil }
        #expect(
            points.map { "\($0.panel) \($0.series)" }
                == ["first", "second"].flatMap {
                    [
                        "\($0): grpo, group of 8 measured", "\($0): grpo, group of 8 exact",
                        "\($0): grpo, group of 16 measured", "\($0): grpo, group of 16 exact",
                        "\($0): variational, group of 8 measured",
                    ]
                })
    }
}
