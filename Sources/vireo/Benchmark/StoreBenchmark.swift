import Execution
import Files
import Foundation
import Pipeline
import Report
import Stages
import Store

/// Measures a store in a temporary directory on generated data.
struct StoreBenchmark: ~Copyable {
    /// The number of traces to ingest as rows.
    let rows: Int
    /// The number of metric values to write.
    let points: Int
    /// The size of an artifact, in millions of bytes.
    let megabytes: Int
    /// The number of short commands to run.
    let stages: Int
    /// The number of small files in an artifact.
    let files: Int

    private let temporary: BenchmarkDirectory
    private var directory: String { temporary.path }
    private static let questions = 16_710
    private static let samples = 8

    init(rows: Int, points: Int, megabytes: Int, stages: Int, files: Int) throws {
        self.rows = rows
        self.points = points
        self.megabytes = megabytes
        self.stages = stages
        self.files = files
        temporary = try BenchmarkDirectory()
    }

    /// Runs the benchmark and returns its results.
    consuming func report() async throws -> BenchmarkReport {
        var report = BenchmarkReport()
        report.add("bench", "store")
        if points > 0 {
            try pointsAtOnce(&report)
            try await pointsOfCommand(&report)
        }
        if rows > 0 { try traces(&report) }
        if megabytes > 0 {
            for kind in GeneratedBytes.Kind.allCases { try archive(kind, &report) }
        }
        let runs = StageBenchmark(directory: directory)
        if stages > 0 { try await runs.stages(stages, &report) }
        if files > 0 { try await runs.files(files, &report) }
        return report
    }

    // MARK: Series

    /// Measures metric values that are written to the store directly.
    private borrowing func pointsAtOnce(_ report: inout BenchmarkReport) throws {
        let path = directory + "/points"
        var store = try Store.open(directory: path, mode: .readWrite)
        let names = ["loss", "gradient_norm", "learning_rate", "tokens_per_second"]
        try store.close()
        let before = Self.size(path + "/vireo.db")
        // A closed store has given up its executions.
        store = try Store.open(directory: path, mode: .readWrite)
        let execution = try store.begin("points")
        let time = Stopwatch()
        var batch = MetricBatch()
        for number in 0..<points {
            batch.append(
                MetricPoint(
                    name: names[number % 4], step: number / 4, value: Self.value(number)))
            if batch.count == 10_000 { try store.append(&batch, to: execution) }
        }
        try store.append(&batch, to: execution)
        report.add("points", points)
        report.add("points_written_per_s", Double(points) / time.seconds, digits: 0)
        try store.close()
        let bytes = Self.size(path + "/vireo.db") - before
        report.add("bytes_per_point", Double(bytes) / Double(points), digits: 1)
    }

    /// Measures metric values that a program prints: they pass through two pipes and a log to the store.
    private borrowing func pointsOfCommand(_ report: inout BenchmarkReport) async throws {
        var lines: [UInt8] = []
        for number in 0..<points {
            StageEvent.metric(name: "loss", step: number, value: Self.value(number))
                .append(to: &lines)
        }
        try Data(lines).write(to: URL(fileURLWithPath: directory + "/points.jsonl"))
        let text = """
            name: points
            stages:
              points:
                uses: command
                with:
                  run: [sh, -c, "cat points.jsonl && echo done > ${out.done}/done"]
                  outputs: [done]

            """
        let parsed = Pipeline.parse(
            SourceFile(path: directory + "/points.yaml", text: text), kinds: StageRegistry.kinds)
        guard let plan = parsed.value?.plan(digestOfFile: { try Digest(ofFile: $0) }).value else {
            preconditionFailure("the pipeline of the benchmark is invalid")
        }
        let store = try Store.open(directory: directory + "/run", mode: .readWrite)
        let options = RunOptions(
            capacity: Capacity(cpus: Machine.cores, jobs: 1),
            worker: [try Machine.executable(), WorkerCommand.name],
            environment: ProcessInfo.processInfo.environment, directory: directory)
        let time = Stopwatch()
        let summary = try await Coordinator(store: store, options: options) { _ in }.run(
            plan,
            as: RunDescription(
                pipeline: "points", path: "points.yaml", source: text, program: Vireo.version))
        let seconds = time.seconds
        try store.close()
        guard summary.outcome == .done else { throw CommandError.benchmark("points") }
        report.add("points_printed_per_s", Double(points) / seconds, digits: 0)
    }

    private static func value(_ number: Int) -> Double {
        2 / (1 + Double(number) * 0.001) + Double(number &* 2_654_435_761 % 1000) * 1e-6
    }

    // MARK: Rows

    private borrowing func traces(_ report: inout BenchmarkReport) throws {
        let path = directory + "/traces"
        let store = try Store.open(directory: path, mode: .readWrite)
        let names = (0..<Self.questions).map { "q-" + Digest(of: "question \($0)").hex.prefix(12) }
        let questions = try write("questions.jsonl") { lines in
            for name in names {
                lines +=
                    "{\"id\":\"\(name)\",\"task\":\"countdown\",\"text\":\"3 4 6 12 : 24\",\"answer\":\"(3 * 4) + 12\",\"level\":2,\"split\":\"train\",\"source\":\"bench\"}\n"
                    .utf8
            }
        }
        try store.publish("questions", .questions, questions)
        var ingested = Stopwatch.zero
        var archived = Stopwatch.zero
        var bytes = 0
        var first = 0
        while first < rows {
            let end = min(rows, first + Self.questions * Self.samples)
            let traces = try write("traces.jsonl") { lines in
                for number in first..<end { Self.append(number, names, to: &lines) }
            }
            bytes += Self.size(traces + "/traces.jsonl")
            var time = Stopwatch()
            try store.publish("archive \(first)", .files, traces)
            archived += time.elapsed
            time = Stopwatch()
            try store.publish("traces \(first)", .traces, traces)
            ingested += time.elapsed
            first = end
        }
        let count = Double(rows)
        report.add("rows", rows)
        report.add("bytes_per_line", Double(bytes) / count, digits: 1)
        report.add("rows_per_s", count / ingested.seconds, digits: 0)
        report.add("cpu_us_per_row", ingested.cpu / count * 1e6, digits: 2)
        report.add(
            "cpu_us_per_row_without_archive", (ingested.cpu - archived.cpu) / count * 1e6,
            digits: 2)
        try store.close()
        report.add(
            "database_bytes_per_row", Double(Self.size(path + "/vireo.db")) / count, digits: 1)
        let console = try Console(StoreLayout(path))
        for query in BenchmarkQuery.all {
            let time = Stopwatch()
            _ = try console.run(query.sql)
            report.add("query_s: \(query.name)", time.seconds, digits: 4)
        }
    }

    private static func append(_ number: Int, _ names: [String], to lines: inout [UInt8]) {
        let question = names[number / samples % questions]
        let tokens = 20 + number &* 2_654_435_761 % 24
        lines +=
            "{\"question\":\"\(question)\",\"sample\":\(number % samples),\"trace\":\"3 * 4 = 12, 6 * 12 = 72\\n12 + 12 = 24\",\"ids\":["
            .utf8
        for token in 0..<tokens {
            if token > 0 { lines.append(UInt8(ascii: ",")) }
            lines += String(17 + (number &+ token &* 7) % 100).utf8
        }
        lines +=
            "],\"tokens\":\(tokens),\"finish\":\"\(number % 9 == 0 ? "length" : "stop")\",\"log_prob\":\(-3 - value(number)),\"sampled_log_prob\":\(-2 - value(number))}\n"
            .utf8
    }

    private borrowing func write(
        _ name: String, _ body: (inout [UInt8]) -> Void
    ) throws -> String {
        var bytes: [UInt8] = []
        body(&bytes)
        let path = directory + "/records"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
        for old in try FileManager.default.contentsOfDirectory(atPath: path) {
            try FileManager.default.removeItem(atPath: path + "/" + old)
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
        return path
    }

    // MARK: Archives

    private borrowing func archive(
        _ kind: GeneratedBytes.Kind, _ report: inout BenchmarkReport
    ) throws {
        let artifact = directory + "/artifact"
        try FileManager.default.createDirectory(
            atPath: artifact, withIntermediateDirectories: true)
        let count = try GeneratedBytes(kind).write(
            megabytes: megabytes, to: artifact + "/model.safetensors")
        let store = try Store.open(directory: directory + "/archives", mode: .readWrite)
        var time = Stopwatch()
        let digest = try store.publish("\(kind)", .files, artifact)
        let stored = time.elapsed
        time = Stopwatch()
        _ = try store.unpacked(digest)
        let restored = time.elapsed
        let object = Self.size(store.layout.object(digest))
        try store.close()
        try FileManager.default.removeItem(atPath: directory + "/archives")
        let size = Double(count) / 1e6
        report.add("\(kind)_mb", size, digits: 0)
        report.add("\(kind)_store_mb_per_s", size / stored.seconds, digits: 0)
        report.add("\(kind)_store_cpu_s", stored.cpu, digits: 2)
        report.add("\(kind)_restore_mb_per_s", size / restored.seconds, digits: 0)
        report.add("\(kind)_archive_mb", Double(object) / 1e6, digits: 1)
    }

    private static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}

extension Store {
    fileprivate func begin(_ name: String) throws -> ExecutionID {
        try startExecution(key: Digest(of: name), document: "{}", kind: "bench", inputs: []).id
    }

    /// Publishes a directory as an artifact.
    @discardableResult
    fileprivate func publish(
        _ name: String, _ type: ArtifactType, _ directory: String
    ) throws -> Digest {
        let output = OutputDirectory(name: "out", type: type, directory: directory)
        let digests = try publish(try begin(name), outputs: [output], usage: nil)
        guard let digest = digests["out"] else {
            preconditionFailure("a published artifact has a digest")
        }
        return digest
    }
}
