import Foundation
import Testing

/// The pipeline with every kind of stage, run once without interruption in a store of its own.
private struct Reference {
    static let shared = Result { try Reference() }

    static let pipeline = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../pipelines/smoke.yaml").standardizedFileURL.path

    let tool: Tool
    let first: Tool.Result

    private init() throws {
        tool = try Tool()
        first = try tool.run("run", Self.pipeline, "--store", "store")
    }
}

/// What a store knows, with the identifiers left out that differ from store to store.
private struct Contents: Equatable {
    let artifacts: [Substring]
    let metrics: [Substring]
    let values: [Substring]
    let rows: String

    init(_ tool: Tool) throws {
        func lines(_ query: String) throws -> [Substring] {
            try tool.run("sql", query, "--store", "store", "--format", "csv").output
                .split(separator: "\n")
        }
        let latest = "WHERE stage.run = (SELECT max(id) FROM run)"
        artifacts = try lines(
            """
            SELECT stage.id, output.name, output.type, output.artifact FROM stage
            JOIN execution_output AS output ON output.execution = stage.execution
            \(latest) ORDER BY 1, 2
            """)
        let metric = "FROM stage JOIN metric ON metric.execution = stage.execution \(latest)"
        metrics = try lines("SELECT stage.id, metric.name, step \(metric) ORDER BY 1, 2, 3")
        // Every figure but the speed.
        values = try lines(
            """
            SELECT stage.id, metric.name, step, value \(metric)
            AND metric.name <> 'tokens_per_second' ORDER BY 1, 2, 3
            """)
        let tables = [
            "artifact", "artifact_file", "artifact_directory", "question", "question_use",
            "example", "trace",
            "trace_score", "token_score", "answer", "verdict", "trace_weight", "bound", "exclusion",
            "rollout",
            "evaluation",
        ]
        rows = try lines(
            tables.map { "SELECT '\($0)', count(*) FROM \($0)" }.joined(separator: " UNION ALL ")
        ).joined(separator: "\n")
    }
}

@Suite("The smoke pipeline", .serialized, .timeLimit(.minutes(10)))
struct SmokeTests {
    private let tool: Tool
    private let first: Tool.Result

    init() throws {
        let reference = try Reference.shared.get()
        tool = reference.tool
        first = reference.first
    }

    private func column(_ query: String, of tool: Tool) throws -> [String] {
        try tool.run("sql", query, "--store", "store", "--format", "csv").output
            .split(separator: "\n").dropFirst().map(String.init)
    }

    /// Kinds that need a program beside vireo.
    private static let excluded: Set = ["train.external"]

    @Test("It runs to its end and uses every kind of stage that needs no other program")
    func kinds() throws {
        #expect(first.status == 0, "\(first.errors)")
        let kinds = try tool.run("stages").output.split(separator: "\n").compactMap {
            $0.split(separator: " ").first.map(String.init)
        }
        #expect(kinds.count >= 28)
        let used = try column("SELECT DISTINCT kind FROM stage ORDER BY 1", of: tool)
        #expect(used == kinds.sorted().filter { !Self.excluded.contains($0) })
        #expect(first.output.contains("\n40 stages: 40 ran, "))
    }

    @Test("Its own second run does nothing")
    func cached() throws {
        let before = try Contents(tool)
        let again = try tool.run("run", Reference.pipeline, "--store", "store")
        #expect(again.status == 0)
        #expect(again.errors.split(separator: "\n").allSatisfy { $0.hasSuffix(": cached") })
        #expect(again.output.contains("\nEverything was cached: 40 stages, "))
        #expect(try Contents(tool) == before)
        #expect(try column("SELECT count(*) FROM execution", of: tool) == ["40"])
    }

    /// On a processor with neither, both runs use the baseline kernels.
    @Test("AVX2 gives the bits of AVX-512: every artifact and metric is the same")
    func kernels() throws {
        let other = try Tool()
        let errors = try other.shell(
            "VIREO_KERNELS=AVX2 \"$0\" run '\(Reference.pipeline)' --store store")
        let (contents, expected) = (try Contents(other), try Contents(tool))
        #expect(contents.artifacts == expected.artifacts, "\(errors)")
        #expect(contents.values == expected.values)
        let kernels = try column(
            "SELECT DISTINCT machine ->> 'kernels' FROM run", of: other)
        #expect(kernels != ["AVX-512"])
    }

    /// One store is killed three times, each time further on, and then runs to its end: every run but
    /// the first goes on from what a killed one left.
    @Test("Killed again and again, it makes the same artifacts and metrics, each once")
    func crashes() async throws {
        let crashed = try Tool()
        let store = crashed.directory + "/store"
        let arguments = ["run", Reference.pipeline, "--store", store]

        // In the middle of training: after 70 of 100 steps, each with four points.
        let training = try await crashed.run(arguments, sending: SIGKILL) {
            Self.steps(in: store).contains { $0 >= 280 }
        }
        #expect(training.status?.outcome == .killed(signal: SIGKILL))
        let isSaved = try Self.workFiles(in: store).contains { $0.hasSuffix(".safetensors") }

        let sampling = try await crashed.run(arguments, sending: SIGKILL, after: "traces: started")
        #expect(sampling.status?.outcome == .killed(signal: SIGKILL))
        let isResumed = sampling.lines.contains { $0.hasPrefix("base: resumed after step ") }
        #expect(isResumed == isSaved)
        #expect(sampling.lines.contains("questions: cached"))

        let late = try await crashed.run(arguments, sending: SIGKILL, after: "final: started")
        #expect(late.status?.outcome == .killed(signal: SIGKILL))
        #expect(late.lines.contains("base: cached"))

        let last = try crashed.run("run", Reference.pipeline, "--store", "store")
        #expect(last.status == 0, "\(last.errors)")
        #expect(last.errors.contains("\nweights: cached\n"))

        let (contents, expected) = (try Contents(crashed), try Contents(tool))
        #expect(contents.artifacts == expected.artifacts)
        #expect(contents.metrics == expected.metrics)
        #expect(contents.values == expected.values)
        #expect(contents.rows == expected.rows)
        #expect(
            try column("SELECT outcome FROM run ORDER BY id", of: crashed)
                == ["interrupted", "interrupted", "interrupted", "done"])
        #expect(
            try column(
                """
                SELECT key FROM execution WHERE state IN ('done', 'superseded')
                GROUP BY key HAVING count(*) > 1
                """, of: crashed
            ).isEmpty)
        #expect(
            try column(
                "SELECT DISTINCT error FROM execution WHERE state <> 'done' ORDER BY 1",
                of: crashed) == ["interrupted"])
        // What a kill between publication and tidying up leaves is of no use, but does no harm.
        let work = try FileManager.default.contentsOfDirectory(atPath: store + "/work")
        let untidy = try work.filter { key in
            try FileManager.default.contentsOfDirectory(atPath: "\(store)/work/\(key)")
                .contains { !$0.hasSuffix(".txt") && $0 != "lock" }
        }
        #expect(untidy.count <= 3)
    }

    /// For each stage that is running, the lines of its metrics.
    private static func steps(in store: String) -> [Int] {
        let work = store + "/work"
        let keys = (try? FileManager.default.contentsOfDirectory(atPath: work)) ?? []
        return keys.compactMap { key in
            let text = try? String(contentsOfFile: "\(work)/\(key)/metrics.jsonl", encoding: .utf8)
            return text?.split(separator: "\n").count { $0.hasPrefix("{\"metric\"") }
        }
    }

    /// The names of the files in every stage's work directory.
    private static func workFiles(in store: String) throws -> [String] {
        let work = store + "/work"
        return try FileManager.default.contentsOfDirectory(atPath: work).flatMap {
            try FileManager.default.contentsOfDirectory(atPath: "\(work)/\($0)")
        }
    }
}
