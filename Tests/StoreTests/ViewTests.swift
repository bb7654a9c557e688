import Files
import Foundation
import Pipeline
import Store
import TestSupport
import Testing

/// A small experiment, written by hand: two traces of one question, scored, answered, judged and weighed;
/// beside it another one with the same question and other numbers, which must never mix with it.
@Suite(.timeLimit(.minutes(10)))
struct ViewTests {
    private let temporary: TemporaryStore
    private typealias Made = (id: ExecutionID, outputs: [String: Digest])
    private var weighed: Made
    private var traces: Made

    init() throws {
        temporary = try TemporaryStore()
        let questions = try temporary.publish(
            [
                (
                    "train", .questions,
                    [
                        "questions.jsonl":
                            #"{"id":"q-1","task":"t","text":"1 2 : 3","answer":"1 + 2","level":2,"split":"train","source":"g"}"#
                    ]
                )
            ], kind: "ingest")
        (traces, weighed) = try Self.experiment(temporary, questions, offset: 0)
        _ = try Self.experiment(temporary, questions, offset: -100)
    }

    private static func experiment(
        _ temporary: TemporaryStore, _ questions: Made, offset: Double
    ) throws -> (Made, Made) {
        let question = InputEdge("questions", questions, "train")
        let traces = try temporary.publish(
            [
                (
                    "traces", .traces,
                    [
                        "traces.jsonl": """
                        {"question":"q-1","sample":0,"trace":"right \(offset)","ids":[1],"tokens":5,"finish":"stop","log_prob":-1}
                        {"question":"q-1","sample":1,"trace":"wrong \(offset)","ids":[1],"tokens":6,"finish":"stop","log_prob":-1}
                        """
                    ]
                )
            ], kind: "sample.traces", inputs: [question])
        let trace = InputEdge("traces", traces, "traces")
        func score(_ conditioning: String, _ value: Double) throws -> Made {
            let lines = [0, 1].map { sample in
                #"{"question":"q-1","sample":\#(sample),"conditioning":"\#(conditioning)","tokens":5,"#
                    + #""log_prob":\#(value + offset - Double(sample)),"mean_log_prob":-1}"#
            }
            return try temporary.publish(
                [("scores", .scores, ["scores.jsonl": lines.joined(separator: "\n")])],
                kind: "score", inputs: [trace, question])
        }
        let prior = try score("prior", -10)
        let posterior = try score("posterior", -4)
        let answers = try temporary.publish(
            [
                (
                    "answers", .answers,
                    [
                        "answers.jsonl":
                            #"{"question":"q-1","sample":0,"rollout":0,"answer":"1 + 2","tokens":3,"finish":"stop"}"#
                    ]
                )
            ], kind: "sample.answers", inputs: [trace, question])
        let verdicts = try temporary.publish(
            [
                (
                    "verdicts", .verdicts,
                    [
                        "verdicts.jsonl": """
                        {"question":"q-1","sample":0,"rollout":0,"correct":true}
                        {"question":"q-1","sample":0,"rollout":1,"correct":false,"reason":"\(offset)"}
                        {"question":"q-1","sample":1,"rollout":0,"correct":false,"reason":"\(offset)"}
                        """
                    ]
                )
            ], kind: "verify", inputs: [InputEdge("answers", answers, "answers"), question])
        let weights = try temporary.publish(
            [
                (
                    "weights", .weights,
                    [
                        "weights.jsonl": """
                        {"question":"q-1","sample":0,"estimator":"accuracy","ratio":"exact","log_rho":-6.5,"weight":0.75,"selected":true}
                        {"question":"q-1","sample":1,"estimator":"accuracy","ratio":"exact","log_rho":null,"weight":0.25,"selected":false,"reason":"\(offset)"}
                        """
                    ]
                )
            ], kind: "weigh",
            inputs: [
                InputEdge("prior", prior, "scores"), InputEdge("posterior", posterior, "scores"),
                InputEdge("verdicts", verdicts, "verdicts"), question,
            ])
        return (traces, weights)
    }

    @Test("A trace meets exactly the scores, verdicts and weights of its own lineage")
    func traceOverview() throws {
        #expect(
            try temporary.query(
                """
                SELECT sample, trace, question_text, level, prior_log_prob, posterior_log_prob,
                    accuracy, weight, selected
                FROM trace_overview WHERE weighing = \(weighed.id.rawValue) ORDER BY sample
                """) == [
                    "0|right 0.0|1 2 : 3|2|-10.0|-4.0|0.5|0.75|1",
                    "1|wrong 0.0|1 2 : 3|2|-11.0|-5.0|0.0|0.25|0",
                ])
        #expect(try temporary.query("SELECT count(*) FROM trace_overview") == ["4"])
    }

    @Test("A trace that was not weighted is listed too")
    func unweighed() throws {
        let filtered = try temporary.publish(
            [
                (
                    "traces", .traces,
                    [
                        "traces.jsonl":
                            #"{"question":"q-1","sample":1,"trace":"x","ids":[],"tokens":1,"finish":"stop"}"#
                    ]
                )
            ], kind: "filter", inputs: [InputEdge("traces", traces, "traces")])
        #expect(
            try temporary.query(
                """
                SELECT trace, weighing, weight FROM trace_overview
                WHERE execution = \(filtered.id.rawValue)
                """) == ["x||"])
    }

    @Test("Lineage reaches every ancestor once, at its shortest distance")
    func lineage() throws {
        #expect(
            try temporary.query(
                """
                SELECT ancestor_kind, distance FROM lineage
                WHERE execution = \(weighed.id.rawValue) ORDER BY distance, ancestor
                """) == [
                    "ingest|1", "score|1", "score|1", "verify|1", "sample.traces|2",
                    "sample.answers|2",
                ])
    }

    @Test("The effective sample size of weights 3/4 and 1/4 is 1.6")
    func effectiveSampleSize() throws {
        #expect(
            try temporary.query(
                """
                SELECT question, traces, size FROM effective_sample_size
                WHERE execution = \(weighed.id.rawValue)
                """) == ["q-1|2|1.6"])
    }

    @Test("Runs are summed up, their stages timed and their figures listed")
    func runs() throws {
        let store = temporary.store
        let run = try store.startRun(
            RunDescription(pipeline: "p", path: "p.yaml", source: "", program: "1"),
            stages: ["evaluate", "train", "late"].map { .init(id: $0, name: $0, kind: "k") })
        let evaluation = try temporary.publish([
            (
                "evaluation", .evaluation,
                [
                    "evaluations.jsonl": """
                    {"label":"final","level":null,"measure":"avg@4","value":0.5,"low":0.4,"high":0.6,"questions":9,"samples":4}
                    {"label":"final","level":1,"measure":"avg@4","value":0.75,"low":0.5,"high":1,"questions":4,"samples":4}
                    """
                ]
            )
        ])
        try store.recordStage(
            run, stage: "evaluate", outcome: .cached, execution: evaluation.id, reason: nil)
        let failed = try temporary.start()
        try store.fail(failed, error: "boom", usage: Usage(cpuSeconds: 2.5, peakMemory: 10))
        try store.recordStage(run, stage: "train", outcome: .failed, execution: failed, reason: nil)
        try store.recordStage(
            run, stage: "late", outcome: .skipped, execution: nil, reason: "train failed")
        try store.finishRun(run, outcome: .failed)
        #expect(
            try temporary.query(
                "SELECT pipeline, outcome, seconds, stages, cached, ran, failed, missing, cpu_seconds FROM run_summary"
            ) == ["p|failed|0.0|3|1|0|1|1|2.5"])
        #expect(
            try temporary.query(
                "SELECT stage, outcome, seconds, cpu_seconds, peak_memory FROM stage_timing ORDER BY stage"
            ) == ["evaluate|cached|0.0||", "late|skipped|||", "train|failed|0.0|2.5|10"])
        #expect(
            try temporary.query(
                "SELECT stage, label, level, measure, value, low, high, questions FROM accuracy_by_level"
            ) == [
                "evaluate|final||avg@4|0.5|0.4|0.6|9", "evaluate|final|1|avg@4|0.75|0.5|1.0|4",
            ])
    }
}
