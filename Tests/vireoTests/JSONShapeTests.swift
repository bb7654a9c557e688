import Foundation
import Testing

@Suite("JSON for programs", .timeLimit(.minutes(10)))
struct JSONShapeTests {
    private static let shared = Result {
        let tool = try Tool()
        try tool.write(
            """
            name: shapes
            params: { seed: 0 }
            stages:
              base:
                uses: train.pretrain
                with: { steps: 2, seed: "${params.seed}", hidden_size: 16, layers: 1, heads: 2, key_value_heads: 2, head_size: 8, intermediate_size: 16 }
              listing:
                uses: command
                in: { model: base }
                with: { run: [sh, -c, "ls ${in.model} | tee ${out.made}/list"], outputs: [made] }
            """, to: "shapes.yaml")
        _ = try tool.run("run", "shapes.yaml")
        _ = try tool.run("run", "shapes.yaml", "--set", "seed=1")
        return tool
    }

    private let tool: Tool

    init() throws { tool = try Self.shared.get() }

    private static let run = [
        "cached", "cpu_seconds", "failed", "finished", "missing", "outcome", "path", "pipeline",
        "ran", "run", "seconds", "stages", "started",
    ]
    private static let stage = [
        "attempt", "cpu_seconds", "engine", "engine_fingerprint", "engine_version", "error",
        "execution", "finished", "job", "key", "kind", "name", "node", "outcome", "peak_memory",
        "reason", "run", "seconds", "stage", "started",
    ]

    private func json(_ arguments: String...) throws -> Any {
        let result = try tool.run(arguments + ["--json"])
        #expect(result.status == 0, "\(result.errors)")
        return try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    }

    private func object(_ value: Any?) throws -> [String: Any] {
        try #require(value as? [String: Any])
    }

    private func list(_ value: Any?) throws -> [[String: Any]] {
        try #require(value as? [[String: Any]])
    }

    @Test("Runs and their stages are objects with all that their rows have")
    func runs() throws {
        let runs = try list(json("runs"))
        #expect(runs.map { $0["run"] as? Int } == [2, 1])
        #expect(runs[0].keys.sorted() == Self.run)
        let status = try object(json("status"))
        #expect(try object(status["run"]).keys.sorted() == Self.run)
        #expect(try list(status["stages"])[0].keys.sorted() == Self.stage)
        #expect(try list(status["stages"]).map { $0["outcome"] as? String } == ["ran", "ran"])
    }

    @Test("A stage has its options, edges, last metrics and events besides")
    func show() throws {
        let stage = try list(json("show", "listing"))[0]
        #expect(
            stage.keys.sorted()
                == (Self.stage + [
                    "checkpoint", "events", "inputs", "metrics", "options", "outputs",
                ]).sorted())
        #expect(
            try list(stage["inputs"])[0].keys.sorted()
                == ["artifact", "execution", "kind", "name", "output", "position"])
        #expect(
            try list(stage["outputs"])[0].keys.sorted()
                == ["archive_bytes", "artifact", "bytes", "files", "name", "type"])
        let metrics = try list(list(json("show", "base"))[0]["metrics"])
        #expect(metrics[0].keys.sorted() == ["name", "step", "value"])
    }

    @Test("An explanation has fields, causes, metrics and outputs of both runs")
    func explain() throws {
        let stage = try list(json("explain", "listing"))[0]
        #expect(
            stage.keys.sorted() == [
                "before", "causes", "fields", "kind", "metrics", "now", "outputs", "same", "stage",
            ])
        #expect(try list(stage["fields"])[0].keys.sorted() == ["before", "field", "now"])
        let cause = try list(stage["causes"])[0]
        #expect(cause["path"] as? [String] == ["base"])
        #expect(cause["what"] as? String == "with.seed 0 -> 1")
        #expect(cause["text"] as? String == "base ran again with seed 0 -> 1")
    }

    @Test("The difference of runs has both, their parameters, environment and stages")
    func difference() throws {
        let difference = try object(json("diff", "1", "2"))
        #expect(
            difference.keys.sorted() == ["before", "environment", "now", "params", "stages"])
        let params = try list(difference["params"])
        #expect(params.map { $0["name"] as? String } == ["seed"])
        #expect(params[0]["before"] as? String == "0" && params[0]["now"] as? String == "1")
        let stage = try list(difference["stages"])[0]
        #expect(stage["relation"] as? String == "other execution")
        #expect(
            try object(stage["now"]).keys.sorted()
                == ["execution", "metrics", "outcome", "outputs", "seconds"])
    }

    @Test("Kinds of stages are their declarations")
    func kinds() throws {
        let all = try list(json("stages"))
        let kind = try object(json("stages", "command"))
        #expect(
            kind.keys.sorted() == [
                "inputs", "kind", "open", "options", "outputs", "summary", "version",
            ])
        #expect(all.contains { $0["kind"] as? String == "train.sft" })
        let options = try list(kind["options"])
        #expect(
            options[0].keys.sorted()
                == ["default", "in_key", "name", "required", "summary", "type"])
        let secrets = options.first { $0["name"] as? String == "secrets" }
        #expect(secrets?["in_key"] as? Bool == false)
    }

    @Test("A report has figures, answers of SQL are objects, lines of a log are too")
    func others() throws {
        let report = try object(json("report"))
        #expect(
            report.keys.sorted()
                == [
                    "accuracy", "accuracy_by_replicate", "arms", "bounds", "candidates", "claims",
                    "costs", "gradient_mass", "outcomes", "run",
                ])
        let answer = try list(json("sql", "SELECT name, kind FROM stage WHERE run = 1"))
        #expect(answer[0].keys.sorted() == ["kind", "name"])
        let lines = try tool.run("log", "listing", "--json").output.split(separator: "\n")
        #expect(lines.contains(#"{"line":"config.json","stage":"listing"}"#))
        let doctor = try object(json("doctor"))
        #expect(doctor.keys.sorted() == ["findings", "well"])
        #expect(
            try list(doctor["findings"])[0].keys.sorted()
                == ["complaint", "name", "note", "value"])
    }

    @Test("A run records its machine and program versions")
    func machine() throws {
        let row = try list(json("sql", "SELECT machine FROM run WHERE id = 1"))[0]
        let text = try #require(row["machine"] as? String)
        let machine = try object(try JSONSerialization.jsonObject(with: Data(text.utf8)))
        #expect(
            machine.keys.sorted() == [
                "cores", "environment", "kernel", "kernels", "locale", "memory", "os", "processor",
                "products", "program", "system", "threads", "versions",
            ])
        #expect(
            try object(machine["versions"]).keys.sorted()
                == ["libarchive", "libc", "openssl", "sqlite", "swift"])
        let program = try object(machine["program"])
        #expect((program["build"] as? String)?.count == 40)
    }
}
