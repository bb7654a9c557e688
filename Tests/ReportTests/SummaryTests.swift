import Report
import Store
import Testing

@Suite("Summary of a run", .timeLimit(.minutes(10)))
struct SummaryTests {
    private func figure(
        _ label: String, _ measure: String, _ level: Int?, _ value: Double, _ margin: Double,
        stage: String? = nil, questions: Int = 400
    ) -> AccuracyFigure {
        AccuracyFigure(
            stage: stage ?? label, label: label, level: level, measure: measure, value: value,
            low: value - margin, high: value + margin, questions: questions, samples: 4)
    }

    private func accuracies(_ figures: [AccuracyFigure]) -> AccuracyTables {
        AccuracyTables(RunResults(accuracy: figures))
    }

    private static func text(_ tables: AccuracyTables) -> String {
        tables.tables.map(\.text).joined(separator: "\n")
    }

    @Test("Accuracy has a row a model and a column a level, in percent with intervals")
    func accuracy() {
        let tables = accuracies([
            figure("prior", "avg@4", nil, 0.339, 0.021), figure("prior", "pass@2", nil, 0.5, 0.03),
            figure("prior", "pass@4", nil, 0.6, 0.03),
            figure("prior", "avg@4", 1, 0.9, 0.04, questions: 100),
            figure("prior", "avg@4", 2, 0.2, 0.05, questions: 100),
            figure("prior", "pass@4", 1, 0.95, 0.05, questions: 100),
            figure("variational", "avg@4", nil, 0.4512, 0.022),
            figure("variational", "avg@4", 2, 0.3, 0.05, questions: 100),
        ])
        #expect(
            Self.text(tables) == """
                Accuracy in %: avg@4 on 400 questions, 4 completions each, ± 95% interval clustered by question
                model        all        L1         L2         pass@2     pass@4
                -----------  ---------  ---------  ---------  ---------  ---------
                prior        33.9 ±2.1  90.0 ±4.0  20.0 ±5.0  50.0 ±3.0  60.0 ±3.0
                variational  45.1 ±2.2             30.0 ±5.0

                """)
    }

    @Test("Instances of a matrix are distinguished by their coordinates")
    func instances() {
        let tables = accuracies([
            figure("prior", "avg@4", nil, 0.3, 0.02, stage: "accuracy[seed=0]"),
            figure("prior", "avg@4", nil, 0.4, 0.02, stage: "accuracy[seed=1]"),
        ])
        #expect(
            Self.text(tables) == """
                Accuracy in %: avg@4 on 400 questions, 4 completions each, ± 95% interval clustered by question
                model                     all
                ------------------------  ---------
                prior (accuracy[seed=0])  30.0 ±2.0
                prior (accuracy[seed=1])  40.0 ±2.0

                """)
    }

    @Test("Models that took different tests stand in different tables")
    func tests() {
        let tables = accuracies([
            figure("a", "avg@4", nil, 0.3, 0.02),
            figure("b", "avg@4", nil, 0.4, 0.02, questions: 40),
        ])
        #expect(
            Self.text(tables) == """
                Accuracy in %: avg@4 on 400 questions, 4 completions each, ± 95% interval clustered by question
                model  all
                -----  ---------
                a      30.0 ±2.0

                Accuracy in %: avg@4 on 40 questions, 4 completions each, ± 95% interval clustered by question
                model  all
                -----  ---------
                b      40.0 ±2.0

                """)
    }

    @Test("An interval with unequal sides shows its ends; no interval shows none")
    func clipped() {
        let figures = [
            AccuracyFigure(
                stage: "a", label: "a", level: nil, measure: "avg@4", value: 0.01, low: 0,
                high: 0.05,
                questions: 9, samples: 4),
            AccuracyFigure(
                stage: "b", label: "b", level: nil, measure: "avg@4", value: 0.5, low: .nan,
                high: .nan, questions: 9, samples: 4),
            AccuracyFigure(
                stage: "c", label: "c", level: nil, measure: "avg@4", value: .nan, low: .nan,
                high: .nan, questions: 9, samples: 4),
        ]
        let lines = Self.text(accuracies(figures)).split(separator: "\n").dropFirst(3)
        #expect(lines == ["a      1.0 (0.0 to 5.0)", "b      50.0", "c      n/a"])
    }

    @Test("The bound has a row a stage and a column for each number of traces")
    func bounds() {
        let bounds = BoundTable([
            BoundFigure(stage: "bound", k: 1, value: -3, low: -3.25, high: -2.75, questions: 160),
            BoundFigure(stage: "bound", k: 2, value: -2.5, low: -2.7, high: -2.3, questions: 160),
            BoundFigure(stage: "weights", k: 2, value: -1, low: -1.1, high: -0.9, questions: 90),
        ])
        #expect(
            bounds.titled?.text == """
                Multi-trace bound L^K in nats, ± 95% interval over questions
                stage    questions  K = 1          K = 2
                -------  ---------  -------------  -------------
                bound          160  -3.000 ±0.250  -2.500 ±0.200
                weights         90                 -1.000 ±0.100

                """)
    }

    @Test(
        "Stages are counted by their outcomes",
        arguments: [
            (StageOutcomes(cached: 24), 0.1, "Everything was cached: 24 stages, 0.1 s."),
            (StageOutcomes(cached: 1), 0.1, "Everything was cached: 1 stage, 0.1 s."),
            (StageOutcomes(ran: 20, cached: 4), 185, "24 stages: 20 ran, 4 cached, 3 m 05 s."),
            (StageOutcomes(ran: 1), 2, "1 stage: 1 ran, 2.0 s."),
            (
                StageOutcomes(ran: 1, cached: 2, failed: 1, cancelled: 1, skipped: 3), 9,
                "8 stages: 1 ran, 2 cached, 1 failed, 1 cancelled, 3 skipped, 9.0 s."
            ),
            (StageOutcomes(), 0, "0 stages, 0.0 s."),
        ])
    func outcomes(outcomes: StageOutcomes, seconds: Double, sentence: String) {
        #expect(outcomes.sentence(seconds: seconds) == sentence)
    }

    @Test("The summary of a run without traces offers no query of traces")
    func noTraces() {
        let summary = RunSummary(
            results: RunResults(), outcomes: StageOutcomes(ran: 1), seconds: 1,
            store: ".vireo/vireo.db", sqlCommand: "vireo sql")
        #expect(
            summary.text == """
                1 stage: 1 ran, 1.0 s.

                All results are in .vireo/vireo.db. Query them:
                  # the stages that took longest
                  vireo sql "SELECT stage, seconds FROM stage_timing WHERE run = (SELECT max(id) FROM run) ORDER BY seconds DESC LIMIT 5"

                """)
    }

    @Test("The summary ends with the store and queries to start from")
    func summary() throws {
        let bound = BoundFigure(
            stage: "weights", k: 1, value: -1, low: -1.1, high: -0.9, questions: 90)
        let summary = RunSummary(
            results: RunResults(bounds: [bound]), outcomes: StageOutcomes(cached: 2), seconds: 0.1,
            store: ".vireo/vireo.db", sqlCommand: "vireo sql")
        #expect(
            summary.text == """
                Multi-trace bound L^K in nats, ± 95% interval over questions
                stage    questions  K = 1
                -------  ---------  -------------
                weights         90  -1.000 ±0.100

                Everything was cached: 2 stages, 0.1 s.

                All results are in .vireo/vireo.db. Query them:
                  # the traces selected for training, and their weights
                  vireo sql "SELECT question_text, trace, weight FROM trace_overview WHERE selected = 1 LIMIT 5"
                  # the effective number of traces per question
                  vireo sql "SELECT round(size) AS traces, count(*) AS questions FROM effective_sample_size GROUP BY 1"
                  # the most frequent reasons of wrong answers
                  vireo sql "SELECT reason, count(*) AS answers FROM verdict WHERE correct = 0 GROUP BY 1 ORDER BY 2 DESC LIMIT 5"

                """)
    }

    @Test("A run that did not finish says that its work is kept")
    func unfinished() {
        let summary = RunSummary(
            results: RunResults(), outcomes: StageOutcomes(ran: 1, failed: 1), seconds: 1,
            store: ".vireo/vireo.db", sqlCommand: "vireo sql")
        #expect(
            summary.text == """
                2 stages: 1 ran, 1 failed, 1.0 s.

                Completed stages are in .vireo/vireo.db: the next run resumes from there.

                """)
    }
}
