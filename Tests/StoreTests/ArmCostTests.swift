import Files
import Pipeline
import Store
import TestSupport
import Testing

/// The work behind an evaluated model, summed along its lineage.
@Suite("The cost of arms", .timeLimit(.minutes(10)))
struct ArmCostTests {
    private typealias Made = (id: ExecutionID, outputs: [String: Digest])
    private let temporary: TemporaryStore

    init() throws { temporary = try TemporaryStore() }

    /// A finished execution with one output `o`, which read those of others.
    private func make(
        _ kind: String, _ inputs: [(String, Made)] = [], _ work: [String: Double] = [:],
        seconds: Double = 1, key: String? = nil, type: ArtifactType = .model, content: String = "{}"
    ) throws -> Made {
        let id = try temporary.start(
            kind, key: key.map { Digest(of: $0) }, inputs: edges(inputs))
        try temporary.store.appendMetrics(
            id, work.map { MetricPoint(name: $0, step: 0, value: $1) })
        let directory = try temporary.directory([
            type == .evaluation ? "evaluations.jsonl" : "config.json": content
        ])
        let outputs = try temporary.store.publish(
            id, outputs: [OutputDirectory(name: "o", type: type, directory: directory)],
            usage: Usage(cpuSeconds: seconds, peakMemory: 1))
        return (id, outputs)
    }

    private func edges(_ inputs: [(String, Made)]) -> [InputEdge] {
        inputs.map { InputEdge($0, $1, "o") }
    }

    private func evaluate(_ model: Made, _ label: String, replicate: Int = 0) throws -> Made {
        let line =
            #"{"label":"\#(label)","replicate":\#(replicate),"level":null,"measure":"avg@4","value":0.5,"low":0,"high":1,"questions":9,"samples":4}"#
        return try make(
            "evaluate", [("model", model)], ["generated_tokens": 7777, "verifier_calls": 7777],
            seconds: 7777, type: .evaluation, content: line + "\n")
    }

    /// Records a run whose stages are these executions.
    private func run(_ stages: [(String, Made)]) throws {
        let run = try temporary.store.startRun(
            RunDescription(pipeline: "p", path: "p.yaml", source: "", program: "1"),
            stages: stages.map { .init(id: $0.0, name: $0.0, kind: "k") })
        for (stage, made) in stages {
            try temporary.store.recordStage(
                run, stage: stage, outcome: .cached, execution: made.id, reason: nil)
        }
        try temporary.store.finishRun(run, outcome: .done)
    }

    @Test("Every execution behind a model counts once, and pretraining apart")
    func sums() throws {
        let base = try make("train.pretrain", [], ["trained_tokens": 1000], seconds: 50)
        let prior = try make("train.sft", [("model", base)], ["trained_tokens": 100], seconds: 5)
        // Both the scores and the final model descend from the traces.
        let traces = try make("sample.traces", [("model", prior)], ["generated_tokens": 40])
        let scores = try make(
            "score", [("model", prior), ("traces", traces)], ["scored_tokens": 30])
        let answers = try make(
            "sample.answers", [("traces", traces)], ["generated_tokens": 2])
        let verdicts = try make("verify", [("answers", answers)], ["verifier_calls": 6])
        let data = try make(
            "build.dataset", [("traces", traces), ("scores", scores), ("verdicts", verdicts)])
        let final = try make(
            "train.sft", [("model", prior), ("data", data)], ["trained_tokens": 200, "loss": 9])
        try run([
            ("prior_test", try evaluate(prior, "prior", replicate: 3)),
            ("test", try evaluate(final, "variational")),
        ])
        #expect(
            try temporary.query("SELECT * FROM arm_cost ORDER BY ordinal") == [
                "1|prior_test|0|prior|3|0|0|100|0|5.0|1000|50.0|0",
                "1|test|1|variational|0|42|30|300|6|11.0|1000|50.0|0",
            ])
    }

    @Test(
        "Only the model counts, not the questions of the evaluation, nor what else read the model")
    func otherWork() throws {
        let model = try make("train.rl", [], ["generated_tokens": 10])
        _ = try make("sample.traces", [("model", model)], ["generated_tokens": 500])
        let questions = try make("sample.rollouts", [], ["generated_tokens": 900])
        let line =
            #"{"label":"rl","level":null,"measure":"avg@4","value":0.5,"low":0,"high":1,"questions":9,"samples":4}"#
        let evaluation = try make(
            "evaluate", [("model", model), ("questions", questions)], type: .evaluation,
            content: line + "\n")
        try run([("test", evaluation)])
        #expect(
            try temporary.query("SELECT label, replicate, generated_tokens FROM arm_cost") == [
                "rl||10"
            ])
    }

    @Test("Attempts that failed count with their time; those after a forced repetition do not")
    func attempts() throws {
        let failed = try temporary.start("train.sft", key: Digest(of: "key"))
        try temporary.store.fail(
            failed, error: "boom", usage: Usage(cpuSeconds: 30, peakMemory: 1))
        let model = try make("train.sft", [], ["trained_tokens": 5], seconds: 4, key: "key")
        try run([("test", try evaluate(model, "a"))])
        #expect(
            try temporary.query("SELECT trained_tokens, cpu_seconds FROM arm_cost") == ["5|34.0"])
        let again = try temporary.store.startExecution(
            key: Digest(of: "key"), document: "{}", kind: "train.sft", inputs: [])
        try temporary.store.fail(
            again.id, error: "boom", usage: Usage(cpuSeconds: 900, peakMemory: 1))
        #expect(try temporary.query("SELECT cpu_seconds FROM arm_cost") == ["34.0"])
    }

    @Test("Executions that did not report their work are counted")
    func unmeasured() throws {
        let base = try make("train.pretrain")
        let traces = try make("sample.traces", [("model", base)])
        let tokenizer = try make("train.tokenizer")
        let filtered = try make("filter", [("traces", traces), ("tokenizer", tokenizer)])
        let model = try make(
            "train.sft", [("model", base), ("data", filtered)], ["trained_tokens": 3])
        try run([("test", try evaluate(model, "a"))])
        #expect(
            try temporary.query("SELECT unmeasured, trained_tokens, generated_tokens FROM arm_cost")
                == ["2|3|0"])
    }

    @Test("An evaluation in two runs has a row in each")
    func runs() throws {
        let evaluation = try evaluate(
            make("train.sft", [], ["trained_tokens": 3]), "a", replicate: 1)
        try run([("test", evaluation)])
        try run([("late", evaluation)])
        #expect(
            try temporary.query(
                "SELECT run, stage, replicate, trained_tokens FROM arm_cost ORDER BY run") == [
                    "1|test|1|3", "2|late|1|3",
                ])
    }

    @Test("The view searches lineage, series and attempts by their indexes")
    func plan() throws {
        let plan = try temporary.query("EXPLAIN QUERY PLAN SELECT * FROM arm_cost WHERE run = 1")
            .joined(separator: "\n")
        for table in ["execution_input", "input", "execution", "series", "metric_point", "attempt"]
        {
            #expect(!plan.contains("SCAN \(table)\n"), "\(table)")
            #expect(plan.contains("SEARCH \(table) USING"), "\(table)")
        }
    }
}
