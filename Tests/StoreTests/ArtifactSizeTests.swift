import Pipeline
import Store
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ArtifactSizeTests {
    @Test("Records give the rows and tokens of outputs, and a metric the parameters of a model")
    func sizes() throws {
        let temporary = try TemporaryStore()
        let question =
            #"{"id":"q-1","task":"t","text":"x","answer":"y","level":1,"split":"train","source":"g"}"#
        func trace(_ sample: Int) -> String {
            #"{"question":"q-1","sample":\#(sample),"trace":"z","ids":[1],"tokens":7,"finish":"stop","log_prob":-1}"#
        }
        let first = try temporary.publish([
            ("questions", .questions, ["questions.jsonl": question + "\n"]),
            ("test", .questions, ["questions.jsonl": ""]),
            ("traces", .traces, ["traces.jsonl": trace(0) + "\n" + trace(1) + "\n"]),
            ("files", .files, ["a": "b"]),
        ]).id
        let second = try temporary.start()
        try temporary.store.appendMetrics(
            second, [MetricPoint(name: "parameters", step: 0, value: 340_000)])
        _ = try temporary.store.publish(
            second,
            outputs: [
                OutputDirectory(
                    name: "model", type: .model,
                    directory: try temporary.directory(["config.json": "{}"]))
            ], usage: nil)
        let sizes = try temporary.store.artifactSizes(of: [first, second])
        #expect(
            sizes[first] == [
                "questions": ArtifactSize(rows: 1), "test": ArtifactSize(rows: 0),
                "traces": ArtifactSize(rows: 2, tokens: 14),
            ])
        #expect(sizes[second] == ["model": ArtifactSize(parameters: 340_000)])
        #expect(try temporary.store.artifactSizes(of: [first])[second] == nil)
    }
}
