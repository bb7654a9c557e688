import Foundation
import GRDB
import Pipeline
import Report
import Store
import TestSupport
import Testing

/// The views that answer questions about a run, on rows small enough to answer by hand.
@Suite(.timeLimit(.minutes(10)))
struct ReportViewTests {
    private let small: SmallRun

    init() throws { small = try SmallRun() }

    @Test("Figures over replicates take the place of the evaluations that they are of")
    func arms() throws {
        let compared = try (0...1).map { seed in
            let execution = try small.stage("tests[seed=\(seed)]")
            try small.evaluation(execution, "final", "avg@4", 0.5, replicate: seed)
            try small.evaluation(execution, "final", "pass@4", 0.75, replicate: seed)
            return execution
        }
        let comparison = try small.stage("comparison", inputs: compared)
        try small.execute(
            "INSERT INTO arm VALUES (\(comparison), 'o', 'final', NULL, 'avg@4', 0.5, 0.25, 0.75, 9, 2)"
        )
        let other = try small.stage("tests", run: 2)
        try small.evaluation(other, "final", "avg@4", 0.125, replicate: 7)
        #expect(
            try small.query(
                """
                SELECT stage, label, measure, value, low, high, replicates FROM accuracy_by_arm
                WHERE run = 1 ORDER BY ordinal, position
                """) == [
                    "tests[seed=0]|final|pass@4|0.75|||", "tests[seed=1]|final|pass@4|0.75|||",
                    "comparison|final|avg@4|0.5|0.25|0.75|2",
                ])
        #expect(
            try small.query("SELECT stage, value, replicates FROM accuracy_by_arm WHERE run = 2")
                == ["tests|0.125|"])
        #expect(
            try small.query("SELECT label, k, value FROM pass_at_k WHERE run = 1 ORDER BY k, stage")
                == ["final|1|0.5", "final|4|0.75", "final|4|0.75"])
    }

    @Test("An evaluation that no comparison read keeps its row")
    func otherQuestions() throws {
        let execution = try small.stage("tests[seed=0]")
        try small.evaluation(execution, "final", "avg@4", 0.5, replicate: 0)
        let other = try small.stage("other_tests[seed=0]")
        try small.evaluation(other, "final", "avg@4", 0.125, replicate: 0)
        let comparison = try small.stage("comparison", inputs: [execution])
        try small.execute(
            "INSERT INTO arm VALUES (\(comparison), 'o', 'final', NULL, 'avg@4', 0.5, 0.25, 0.75, 9, 1)"
        )
        #expect(
            try small.query(
                "SELECT stage, value FROM accuracy_by_arm WHERE run = 1 ORDER BY ordinal, position")
                == ["other_tests[seed=0]|0.125", "comparison|0.5"])
        #expect(
            try ReportQuery.accuracyChart.points(of: RunID(rawValue: 1), in: small.store).map(
                \.series)
                == ["final (other_tests[seed=0])", "final"])
    }

    @Test("A comparison of an earlier run takes the place of what it read, made again")
    func againEvaluated() throws {
        let execution = try small.stage("tests")
        try small.evaluation(execution, "final", "avg@4", 0.5, replicate: 0)
        let comparison = try small.stage("comparison", inputs: [execution])
        try small.execute(
            "INSERT INTO arm VALUES (\(comparison), 'o', 'final', NULL, 'avg@4', 0.5, 0.25, 0.75, 9, 1)"
        )
        let again = try small.stage("tests", run: 2)
        try small.evaluation(again, "final", "avg@4", 0.5, replicate: 0)
        try small.add("comparison", run: 2, comparison)
        #expect(
            try small.query("SELECT stage, value FROM accuracy_by_arm WHERE run = 2")
                == ["comparison|0.5"])
    }

    @Test("Weights fall into tenths, 1 into the last, over all instances of a stage")
    func histogram() throws {
        try small.questions(2)
        let first = try small.stage("weights[seed=0]")
        let second = try small.stage("weights[seed=1]")
        try small.weights(first, "q1", tokens: 5, [0.75, 0.25, 0, 0])
        try small.weights(second, "q1", tokens: 5, [1, 0, 0, 0])
        try small.weights(
            try small.stage("others"), "q2", tokens: 5, [0.5, 0.5], estimator: "likelihood")
        #expect(
            try small.query(
                """
                SELECT name, estimator, ratio, k, low, high, traces, share FROM weight_histogram
                WHERE run = 1 ORDER BY name DESC, low
                """) == [
                    "weights|accuracy|exact|4|0.0|0.1|5|0.625",
                    "weights|accuracy|exact|4|0.2|0.3|1|0.125",
                    "weights|accuracy|exact|4|0.7|0.8|1|0.125",
                    "weights|accuracy|exact|4|0.9|1.0|1|0.125",
                    "others|likelihood|exact|2|0.5|0.6|2|1.0",
                ])
    }

    /// Effective sizes: 1.6 of 2 for 3/4 and 1/4, 2 of 2 for halves, 1 of 2 for a single weight.
    @Test("Effective sizes are shares of a question's traces, in bins by length")
    func effectiveSize() throws {
        try small.questions(12)
        let execution = try small.stage("weights")
        try small.weights(execution, "q1", tokens: 10, [0.75, 0.25])
        try small.weights(execution, "q2", tokens: 20, [0.5, 0.5])
        for question in 3...11 {
            try small.weights(execution, "q\(question)", tokens: 10 * question, [1, 0])
        }
        try small.weights(execution, "q12", tokens: 5, [0, 0])
        let rows = try small.query(
            """
            SELECT bin, questions, tokens, round(share, 6) FROM effective_size_by_length
            WHERE run = 1 ORDER BY bin
            """)
        // Eleven questions: the first bin has two of them, the other nine one each.
        #expect(rows.first == "1|2|15.0|0.9")
        #expect(rows.dropFirst().first == "2|1|30.0|0.5")
        #expect(rows.count == 10)
    }

    /// Two questions have two traces of the same weight each, or one of weight 1 and one without weight.
    @Test("Instances with different numbers of traces a question are kept apart")
    func numbersOfTraces() throws {
        try small.questions(2)
        let single = try small.stage("weights[k=1]")
        let double = try small.stage("weights[k=2]")
        for question in ["q1", "q2"] {
            try small.weights(single, question, tokens: 10, [1])
            try small.weights(double, question, tokens: 10, [0.5, 0.5])
        }
        #expect(
            try small.query(
                """
                SELECT k, bin, questions, tokens, share FROM effective_size_by_length
                WHERE run = 1 ORDER BY k, bin
                """) == ["1|1|1|10.0|1.0", "1|2|1|10.0|1.0", "2|1|1|10.0|1.0", "2|2|1|10.0|1.0"])
        #expect(
            try small.query(
                "SELECT k, low, traces, share FROM weight_histogram WHERE run = 1 ORDER BY k, low")
                == ["1|0.9|2|1.0", "2|0.5|4|1.0"])
        let run = RunID(rawValue: 1)
        #expect(
            try ReportQuery.effectiveSizeChart.points(of: run, in: small.store).map(\.series) == [
                "weights: accuracy, exact, K = 1", "weights: accuracy, exact, K = 1",
                "weights: accuracy, exact, K = 2", "weights: accuracy, exact, K = 2",
            ])
        #expect(
            try ReportQuery.weightChart.points(of: run, in: small.store).map(\.panel) == [
                "weights: accuracy, exact, K = 1", "weights: accuracy, exact, K = 2",
            ])
    }

    @Test("The bound is listed by stage, level and number of traces")
    func bound() throws {
        let execution = try small.stage("bound[seed=1]")
        try small.execute(
            """
            INSERT INTO bound VALUES
                (\(execution), 'o', 1, NULL, -3, -4, -2, 7), (\(execution), 'o', 2, 4, -2.5, NULL, NULL, 3)
            """)
        #expect(
            try small.query("SELECT stage, level, k, value, low, questions FROM bound_by_traces")
                == ["bound[seed=1]||1|-3.0|-4.0|7", "bound[seed=1]|4|2|-2.5||3"])
    }

    @Test("Every replicate counts alike in the course of a posterior's training")
    func posterior() throws {
        try small.questions(3)
        for (replicate, lengths) in [[10, 20, 30], [50]].enumerated() {
            let execution = try small.stage("inspect[seed=\(replicate)]")
            for (index, tokens) in lengths.enumerated() {
                try small.execute(
                    """
                    INSERT INTO trace_summary VALUES
                        (\(execution), 'o', 'reverse', \(replicate), 15, 'q\(index + 1)', 0, \(tokens), 2,
                        1, \(replicate), \(replicate))
                    """)
            }
        }
        #expect(
            try small.query(
                """
                SELECT label, step, replicates, traces, tokens, tokens_least, tokens_most, steps,
                    claims_right, truly_right, leak_rate, leak_rate_least, leak_rate_most
                FROM posterior_training WHERE run = 1
                """) == ["reverse|15|2|4|35.0|20.0|50.0|2.0|1.0|0.5|0.5|0.0|1.0"])
    }

    @Test("Progress has a row a step of every stage with a reward")
    func learning() throws {
        let execution = try small.stage("rl")
        let other = try small.stage("reverse")
        for (owner, name, step, value) in [
            (execution, "reward", 1, "0.25"), (execution, "clip_fraction", 1, "0"),
            (execution, "clip_fraction", 2, "0.5"), (execution, "rollout_tokens", 1, "40"),
            (execution, "loss", 3, "1"), (other, "entropy", 1, "2"),
        ] {
            try small.execute(
                """
                INSERT INTO series (execution, name) VALUES (\(owner), '\(name)') ON CONFLICT DO NOTHING;
                INSERT INTO metric_point SELECT id, \(step), \(value) FROM series
                WHERE execution = \(owner) AND name = '\(name)'
                """)
        }
        #expect(
            try small.query(
                """
                SELECT stage, step, reward, kl, entropy, tokens, degenerate_groups, clip_fraction
                FROM rl_progress WHERE run = 1
                """) == ["rl|1|0.25|||40.0||0.0", "rl|2||||||0.5"])
    }

    @Test("Claims are listed in their order")
    func claims() throws {
        let execution = try small.stage("claims")
        try small.execute(
            """
            INSERT INTO claim VALUES
                (\(execution), 'o', 1, 'T2', 'c', 'm', 1, 0.5, 1.5, 'points', 'y', 9, 5, 'holds', 0, 0.04,
                'undecided', 1.5),
                (\(execution), 'o', 0, 'T1', 'c', 'm', NULL, NULL, NULL, '', 'y', NULL, NULL, 'undecided', 1,
                NULL, NULL, NULL)
            """)
        #expect(
            try small.query(
                """
                SELECT id, value, unit, questions, replicates, finding, is_primary, p_value, adjusted_finding,
                    detectable
                FROM claim_table WHERE run = 1 ORDER BY ordinal, position
                """) == [
                    "T1|||||undecided|1|||", "T2|1.0|points|9|5|holds|0|0.04|undecided|1.5",
                ])
    }

    @Test("Each replicate of an arm has its own accuracy")
    func replicates() throws {
        for (seed, value) in [0.25, 0.5].enumerated() {
            let execution = try small.stage("tests[seed=\(seed)]")
            try small.evaluation(execution, "final", "avg@4", value, replicate: seed)
        }
        #expect(
            try small.query(
                """
                SELECT stage, label, replicate, measure, level, value
                FROM accuracy_by_replicate WHERE run = 1 ORDER BY ordinal
                """) == [
                    "tests[seed=0]|final|0|avg@4||0.25", "tests[seed=1]|final|1|avg@4||0.5",
                ])
    }

    @Test("Candidates of a choice have a table of their own, and no row among the accuracies")
    func candidates() throws {
        for seed in 0...1 {
            var evaluations: [Int64] = []
            for (rate, value) in [("1e-3", 0.25), ("2e-3", 0.5)] {
                let execution = try small.stage("validation[seed=\(seed),rate=\(rate)]")
                try small.evaluation(execution, "a at \(rate)", "avg@4", value, replicate: seed)
                evaluations.append(execution)
            }
            let choice = try small.stage("model[seed=\(seed)]", inputs: evaluations)
            try small.execute(
                """
                INSERT INTO selection VALUES
                    (\(choice), 'o', 0, 'a at 1e-3', 'avg@4', 0.25, 0, 1, 0),
                    (\(choice), 'o', 1, 'a at 2e-3', 'avg@4', 0.5, 0, 1, 1)
                """)
        }
        let test = try small.stage("test")
        try small.evaluation(test, "a", "avg@4", 0.375, replicate: 0)
        let results = try RunResults(of: RunID(rawValue: 1), in: small.store)
        #expect(results.accuracy.map(\.label) == ["a"])
        #expect(
            try ReportQuery.accuracyChart.points(of: RunID(rawValue: 1), in: small.store).map(
                \.series) == ["a"])
        #expect(
            CandidateTable(results.candidates).titled?.text == """
                Candidates: mean accuracy in % on validation, and how many choices took them
                candidate  measure  accuracy  chosen  of
                ---------  -------  --------  ------  --
                a at 1e-3  avg@4    25.0           0   2
                a at 2e-3  avg@4    50.0           2   2

                """)
        #expect(CandidateTable([]).titled == nil)
    }

    @Test("Replicates are those of the arms that a stage compared")
    func comparedReplicates() throws {
        let tests = try (0...1).map { seed in
            let execution = try small.stage("tests[seed=\(seed)]")
            try small.evaluation(execution, "final", "avg@4", 0.25, replicate: seed)
            try small.evaluation(execution, "final", "pass@4", 0.75, replicate: seed)
            return execution
        }
        let other = try small.stage("other")
        try small.evaluation(other, "final", "avg@4", 0.5, replicate: 0)
        let comparison = try small.stage("comparison", inputs: tests)
        try small.execute(
            "INSERT INTO arm VALUES (\(comparison), 'o', 'final', NULL, 'avg@4', 0.5, 0, 1, 9, 2)")
        #expect(
            try RunResults(of: RunID(rawValue: 1), in: small.store).replicates
                == [0, 1].map {
                    ReplicateFigure(
                        stage: "comparison", label: "final", replicate: $0, measure: "avg@4",
                        questions: 9, value: 0.25)
                })
    }

    /// Four traces of one question, of which the second and third are selected.
    @Test("Traces that a stage weighed are counted with what their inspection found")
    func learnt() throws {
        try small.questions(1)
        let traces = try small.stage("traces")
        let scores = try small.stage("scores", inputs: [traces])
        let weights = try small.stage("weights", inputs: [scores])
        let inspection = try small.stage("inspection", inputs: [traces])
        try small.execute(
            """
            UPDATE execution_input SET name = 'traces' WHERE execution IN (\(scores), \(inspection));
            UPDATE execution_input SET name = 'prior' WHERE execution = \(weights);
            UPDATE stage SET kind = iif(id = 'weights', 'weigh', 'inspect') WHERE id IN ('weights', 'inspection');
            """)
        try small.weights(weights, "q1", tokens: 9, [0, 0.5, 0.5, 0])
        try small.execute("UPDATE trace_weight SET selected = sample IN (1, 2)")
        for (sample, (isRight, leaks)) in [(1, 0), (1, 0), (0, 1), (0, 0)].enumerated() {
            try small.execute(
                """
                INSERT INTO trace_summary VALUES
                    (\(inspection), 'o', 'main', 3, 0, 'q1', \(sample), 9, 1, 1, \(isRight), \(leaks))
                """)
        }
        #expect(
            try small.query("SELECT * FROM learnt_traces WHERE run = 1")
                == ["1|weights|3|main|3|4|0.5|0.25|2|0.5|0.5"])
    }

    @Test("An overlap is summed over the questions of a stage, for each kind of text")
    func overlap() throws {
        try small.questions(2)
        let ingestion = try small.stage("questions")
        let base = try small.stage("base")
        try small.execute(
            """
            INSERT INTO overlap VALUES
                (\(ingestion), 'o', 'q1', 'questions', 9, 0), (\(ingestion), 'o', 'q2', 'questions', 9, 0),
                (\(ingestion), 'o', 'q1', 'demonstrations', 4, 1),
                (\(base), 'o', 'q1', 'documents', 100, 3), (\(base), 'o', 'q2', 'documents', 100, 4)
            """)
        #expect(
            try small.query("SELECT * FROM test_overlap WHERE run = 1 ORDER BY stage, searched")
                == [
                    "1|base|documents|2|100|2|7", "1|questions|demonstrations|1|4|1|1",
                    "1|questions|questions|2|9|0|0",
                ])
    }

    @Test("The tokens of a score are rows in their order, and those of a question are searched for")
    func tokens() throws {
        try small.questions(2)
        let scores = try small.stage("scores")
        try small.execute(
            """
            INSERT INTO token_score VALUES
                (\(scores), 'o', 'q1', 4, '[-1.0,-0.5,null]', '[1,3,3]'),
                (\(scores), 'o', 'q2', 0, '[-2.5]', NULL)
            """)
        #expect(
            try small.query("SELECT * FROM token_log_prob WHERE execution = \(scores)") == [
                "\(scores)|o|q1|4|0|-1.0", "\(scores)|o|q1|4|1|-0.5", "\(scores)|o|q1|4|2|",
                "\(scores)|o|q2|0|0|-2.5",
            ])
        let plan = try small.query(
            """
            EXPLAIN QUERY PLAN SELECT * FROM token_log_prob
            WHERE execution = 1 AND question = 'q1'
            """)
        #expect(
            plan.contains {
                $0.contains("SEARCH score USING PRIMARY KEY (execution=? AND question=?)")
            })
        #expect(!plan.contains { $0.contains("SCAN score") })
    }

    /// Whoever asks about one run waits for the rows of that run alone.
    @Test(
        "A view is asked for one run by searching for its stages",
        arguments: [
            "accuracy_by_arm", "bound_by_traces", "weight_histogram", "effective_size_by_length",
            "gradient_mass_by_accuracy", "pass_at_k", "posterior_training", "rl_progress",
            "claim_table", "accuracy_by_replicate", "test_overlap", "candidate_evaluation",
            "learnt_traces",
        ])
    func plan(view: String) throws {
        let queue = try DatabaseQueue(path: small.store.layout.database)
        let steps = try queue.read {
            try Row.fetchAll($0, sql: "EXPLAIN QUERY PLAN SELECT * FROM \(view) WHERE run = 1")
                .map { $0["detail"] as String }
        }
        try queue.close()
        #expect(steps.contains("SEARCH stage USING PRIMARY KEY (run=?)"))
        #expect(!steps.contains("SCAN stage"))
    }

    @Test(
        "Every query of a report has an answer on a run without figures",
        arguments: [
            ReportQuery.arms, .replicates, .candidates, .bounds, .gradientMass, .claims,
            .accuracyChart,
            .passChart,
            .boundChart, .weightChart, .effectiveSizeChart, .gradientChart, .posteriorChart,
            .learningChart,
        ])
    func queries(query: ReportQuery) throws {
        #expect(try small.query(query.sql(for: RunID(rawValue: 3))) == [])
    }

    @Test("Points of a chart are read with their panels, series and intervals")
    func points() throws {
        let execution = try small.stage("bound")
        try small.execute(
            """
            INSERT INTO bound VALUES
                (\(execution), 'o', 2, NULL, -3, -4, -2, 7), (\(execution), 'o', 2, 4, NULL, NULL, NULL, 3)
            """)
        #expect(
            try ReportQuery.boundChart.points(of: RunID(rawValue: 1), in: small.store) == [
                ChartPoint(panel: "all levels", series: "bound", x: 2, y: -3, low: -4, high: -2),
                ChartPoint(panel: "level 4", series: "bound", x: 2, y: nil),
            ])
    }
}
