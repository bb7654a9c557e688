import Files
import Foundation
import GRDB
import Pipeline
import Store
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ExchangeTests {
    private let source: SmallStore
    private let target: SmallStore
    private let file: String

    init() throws {
        source = try SmallStore()
        target = try SmallStore(filled: false)
        file = source.root + "/run.tar.zst"
    }

    private func verify(_ small: SmallStore) async throws -> Verification {
        try await Store.verify(directory: small.directory, .init(threads: 1))
    }

    @Test(
        "A run goes to another store with all that it depends on, and comes out as the same bytes")
    func roundTrip() async throws {
        let out = try source.store.export(RunID(rawValue: 1), to: file)
        #expect(out.executions == 9 && out.artifacts == 9)
        let came = try target.store.importRun(from: file)
        #expect(came.executions == 9 && came.shared == 0 && came.artifacts == 9)
        #expect(!came.isKnown)
        let verification = try await verify(target)
        #expect(verification.findings == [])
        #expect(verification.records == 24 * 8 + 4)
        let again = target.root + "/again.tar.zst"
        _ = try target.store.export(came.run, to: again)
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: again))
                == Data(contentsOf: URL(fileURLWithPath: file)))
        let key = try #require(try source.store.stages(named: "traces").first?.stage.key)
        #expect(try target.store.finishedExecution(key)?.isPresent == true)
        for figures in [
            "stage, label, level, measure, value, low, high, questions, replicates FROM accuracy_by_arm",
            "stage, level, k, value, low, high, questions FROM bound_by_traces",
            "id, claim, measured, value, low, high, finding, p_value, adjusted_finding FROM claim_table",
            "stage.id, step, time, run IS NULL FROM metric_clock JOIN stage USING (execution)",
            "question, sample, log_probs, ends FROM token_score JOIN stage USING (execution)",
        ] {
            let rows = try [(target.store, came.run), (source.store, RunID(rawValue: 1))].map {
                try Console($0.layout).run(
                    "SELECT \(figures) WHERE run = \($1.rawValue) ORDER BY 1, 2, 3, 4"
                ).rows
            }
            #expect(rows[0] == rows[1], "\(figures)")
            #expect(!figures.contains("JOIN") || rows[0].count >= 24)
        }
        #expect(
            try target.store.stages(named: "model").first?.metrics.map(\.name) == [
                "loss", "nothing",
            ])
    }

    @Test("The same run gives the same file, and an export that cannot be whole leaves none")
    func repeatable() throws {
        _ = try source.store.export(RunID(rawValue: 1), to: file)
        let first = try Data(contentsOf: URL(fileURLWithPath: file))
        _ = try source.store.export(RunID(rawValue: 1), to: file)
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == first)
        let artifact = try #require(try source.store.artifacts().last)
        try FileManager.default.removeItem(atPath: source.store.layout.object(artifact.digest))
        let other = source.root + "/other/run.tar.zst"
        try FileManager.default.createDirectory(
            atPath: source.root + "/other", withIntermediateDirectories: true)
        let error = #expect(throws: StoreError.self) {
            try source.store.export(RunID(rawValue: 1), to: other)
        }
        #expect(error?.description.contains("its archive is missing") == true)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: source.root + "/other") == [])
    }

    @Test("Importing twice changes nothing, and a second run shares what came with the first")
    func twice() async throws {
        for run in 1...2 as ClosedRange<Int64> {
            _ = try source.store.export(RunID(rawValue: run), to: file)
            let first = try target.store.importRun(from: file)
            let rows = try target.rows()
            let second = try target.store.importRun(from: file)
            #expect(second.isKnown && second.run == first.run)
            #expect(try target.rows() == rows)
            if run == 2 { #expect(first.shared == 1 && first.executions == 1) }
        }
        #expect(try await verify(target).findings == [])
        // A store that made it all itself shares everything.
        _ = try source.store.export(RunID(rawValue: 1), to: file)
        #expect(try source.store.importRun(from: file).isKnown)
    }

    @Test("The job, the node and the engine of an execution come with it")
    func place() async throws {
        let run = try source.start("p", ["a"])
        let document = #"{"files":{},"inputs":{},"kind":"test","options":{},"version":1}"#
        let claim = try source.store.claim(
            Digest(of: document), document: document, kind: "test", inputs: [], for: "a", of: run,
            reason: "new", again: false)
        guard case .started(let execution, _) = claim else { throw StoreError.leaseLost }
        try source.store.setPlace(of: Digest(of: document), job: "123_4", node: "n2")
        let engine = EngineIdentity(name: "vllm", version: "0.32.0", fingerprint: nil)
        try source.store.setEngine(engine, of: execution)
        _ = try source.store.publish(execution, outputs: [], usage: nil)
        try source.store.finishRun(run, outcome: .done)
        _ = try source.store.export(run, to: file)
        let came = try target.store.importRun(from: file).run
        let stage = try #require(try target.store.stages(came).first)
        #expect(stage.job == "123_4" && stage.node == "n2" && !stage.isQueued)
        #expect(stage.engine == engine)
        #expect(try await verify(target).findings == [])
    }

    @Test("Failed runs can be exchanged, runs that go on and unknown ones cannot be exported")
    func outcomes() throws {
        _ = try source.store.export(RunID(rawValue: 3), to: file)
        let run = try target.store.importRun(from: file).run
        #expect(try target.store.stages(run).map(\.error) == ["it broke"])
        let going = try source.start("p", [])
        #expect(throws: ExchangeError.running(going)) { try source.store.export(going, to: file) }
        #expect(throws: ExchangeError.unknown(RunID(rawValue: 99))) {
            try source.store.export(RunID(rawValue: 99), to: file)
        }
    }

    @Test("A damaged file is refused wherever the damage is, and nothing changes")
    func damages() throws {
        _ = try source.store.export(RunID(rawValue: 1), to: file)
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        var target = self.target
        var rows = try target.rows()
        var random = SeededRandom(seed: 7)
        var refused = 0
        for round in 0..<150 {
            var damaged = whole
            if round % 3 == 0 {
                damaged = damaged.prefix(Int.random(in: 0..<whole.count, using: &random))
            } else {
                damaged[Int.random(in: 0..<whole.count, using: &random)] ^=
                    1 << UInt8.random(in: 0..<8, using: &random)
            }
            try damaged.write(to: URL(fileURLWithPath: file))
            do {
                _ = try target.store.importRun(from: file)
                // A bit of the container that means nothing: what came is right.
                let again = target.root + "/again.tar.zst"
                _ = try target.store.export(RunID(rawValue: 1), to: again)
                #expect(try Data(contentsOf: URL(fileURLWithPath: again)) == whole)
                target = try SmallStore(filled: false)
                rows = try target.rows()
            } catch is ExchangeError {
                refused += 1
                #expect(try target.rows() == rows)
                let left = try FileManager.default.subpathsOfDirectory(
                    atPath: target.store.layout.objects)
                #expect(left.filter { $0.contains(".") } == [])
            }
        }
        #expect(refused > 140)
    }

    private static let run =
        #"{"run":{"finished":"2026-01-01T00:00:02.000Z","machine":"{}","outcome":"done","parameters":[],"path":"p","pipeline":"p","program":"1","source":"","stages":[],"started":"2026-01-01T00:00:01.000Z"}}"#

    private static func execution(
        key: String? = nil, state: String = "done", inputs: String = "", outputs: String = "",
        document: String = #"{"inputs":{},"kind":"test"}"#
    ) -> String {
        let quoted = document.replacing("\"", with: "\\\"")
        return
            #"{"execution":{"attempt":1,"document":"\#(quoted)","error":"e","finished":"2026-01-01T00:00:02.000Z","inputs":[\#(inputs)],"key":"\#(key ?? Digest(of: document).hex)","kind":"test","outputs":[\#(outputs)],"started":"2026-01-01T00:00:01.000Z","state":"\#(state)"}}"#
    }

    private static let points = [String](repeating: "1", count: 10_001).joined(separator: ",")

    private static let zeros = String(repeating: "0", count: 64)

    private static let hostile: [(rows: [String], problem: String)] = [
        (["{}"], "line 1 of its rows: its kind is not known to this program"),
        (["nonsense"], "line 1 of its rows: it is not a valid row"),
        ([], "it contains no run"),
        ([run, run], "line 2 of its rows: it is a second run"),
        (
            [run.replacing("2026-01-01T00:00:01.000Z", with: "yesterday")],
            "line 1 of its rows: 'yesterday' is not a time"
        ),
        (
            [run.replacing("2026-01-01T00:00:01.000Z", with: "2026-13-01T00:00:01.000Z")],
            "line 1 of its rows: '2026-13-01T00:00:01.000Z' is not a time"
        ),
        (
            [run, execution().replacing("\"attempt\":1", with: "\"attempt\":9223372036854775807")],
            "line 2 of its rows: one of its numbers is out of range"
        ),
        (
            [
                run,
                execution().replacing("\"attempt\":1", with: "\"attempt\":-9223372036854775808"),
            ],
            "line 2 of its rows: one of its numbers is out of range"
        ),
        (
            [
                run, execution(),
                #"{"event":{"execution":0,"kind":"started","text":"","time":"2"}}"#,
            ],
            "line 3 of its rows: '2' is not a time"
        ),
        (
            [
                run,
                #"{"artifact":{"digest":"\#(zeros)","files":[{"path":"a","bytes":9223372036854775807,"sha256":"\#(zeros)"},{"path":"b","bytes":9223372036854775807,"sha256":"\#(zeros)"}]}}"#,
            ], "line 2 of its rows: it lists invalid files"
        ),
        (
            [
                run, execution(),
                #"{"metrics":{"execution":0,"name":"m","steps":[\#(points)],"values":[\#(points)]}}"#,
            ], "line 3 of its rows: it has more than 10000 points"
        ),
        (
            [run, execution(), #"{"times":{"execution":0,"steps":[1],"times":["soon"]}}"#],
            "line 3 of its rows: 'soon' is not a time"
        ),
        (
            [run, execution(), #"{"times":{"execution":0,"steps":[1,2],"times":["soon"]}}"#],
            "line 3 of its rows: steps and times differ in number"
        ),
        (
            [run, #"{"times":{"execution":0,"steps":[],"times":[]}}"#],
            "line 2 of its rows: its execution is not in the file"
        ),
        (
            [run, #"{"metrics":[\#(points),\#(points),\#(points),\#(points)]}"#],
            "line 2 of its rows: it has too many values"
        ),
        (
            [run, execution(key: zeros)],
            "line 2 of its rows: its document does not match its key"
        ),
        (
            [run, execution(state: "running")], "line 2 of its rows: it is not in a final state"
        ),
        (
            [
                run,
                execution(
                    inputs:
                        #"{"name":"a","position":0,"artifact":"\#(zeros)","producer":0,"output":"o"}"#
                ),
            ], "line 2 of its rows: its input a is not made by an earlier execution"
        ),
        (
            [
                run,
                execution(
                    outputs: #"{"name":"o","type":"files","artifact":"\#(zeros)"}"#),
            ], "line 2 of its rows: its artifact is not in the file"
        ),
        (
            [
                run,
                execution(outputs: #"{"name":"o","type":"worm","artifact":"\#(zeros)"}"#),
            ], "line 2 of its rows: the type worm is not known to this program"
        ),
        (
            [run, execution(document: #"{"inputs":{"a":["x"]},"kind":"test"}"#)],
            "line 2 of its rows: its inputs do not match its document"
        ),
        (
            [run, #"{"artifact":{"digest":"\#(zeros)","files":[]}}"#],
            "line 2 of its rows: its files do not match its digest"
        ),
        (
            [
                run,
                #"{"artifact":{"digest":"\#(zeros)","files":[{"path":"../x","bytes":1,"sha256":"\#(zeros)"}]}}"#,
            ], "line 2 of its rows: it lists invalid files"
        ),
        (
            [run, #"{"metrics":{"execution":0,"name":"m","steps":[],"values":[]}}"#],
            "line 2 of its rows: its execution is not in the file"
        ),
        (
            [run.replacing("\"done\"", with: "\"great\"")],
            "CHECK constraint failed: outcome IN ('running', 'done', 'failed', 'cancelled', 'interrupted')"
        ),
    ]

    @Test("Hostile rows are refused with their line", arguments: ExchangeTests.hostile)
    func hostileRows(rows: [String], problem: String) throws {
        let text = rows.map { $0 + "\n" }.joined()
        try bundle([("rows.jsonl", Data(text.utf8))])
        let before = try target.rows()
        let error = #expect(throws: ExchangeError.self) { try target.store.importRun(from: file) }
        #expect(
            error?.description
                == "\(file) cannot be imported: \(problem); nothing was changed: export the run again"
        )
        #expect(try target.rows() == before)
    }

    @Test(
        "Hostile containers are refused",
        arguments: [
            ("tar -cf $F rows.jsonl", "it does not begin with a manifest"),
            ("echo '{}' > manifest.json; tar -cf $F manifest.json", "its manifest cannot be read"),
            (
                "echo '{\"format\":9,\"files\":[]}' > manifest.json; tar -cf $F manifest.json",
                "it has format 9, which this program does not know"
            ),
            ("tar -cf $F manifest.json", "it ends before rows.jsonl"),
            (
                "echo more >> rows.jsonl; tar -cf $F manifest.json rows.jsonl",
                "rows.jsonl is longer than \(ExchangeTests.run.utf8.count + 1) bytes"
            ),
            (
                "tr 1 2 < rows.jsonl > x; mv x rows.jsonl; tar -cf $F manifest.json rows.jsonl",
                "rows.jsonl does not match its manifest"
            ),
            (
                "touch x; tar -cf $F manifest.json rows.jsonl x", "x does not belong to it"
            ),
            (
                "tar -cf $F --transform s,rows.jsonl,../rows.jsonl, manifest.json rows.jsonl",
                "../rows.jsonl is in the place of rows.jsonl"
            ),
            (
                "ln -sf /etc/passwd rows.jsonl; tar -cf $F manifest.json rows.jsonl",
                "it contains rows.jsonl, which is not a file"
            ),
            (": > $F", "Unrecognized archive format"),
        ])
    func hostileContainers(script: String, problem: String) throws {
        let directory = try bundle([("rows.jsonl", Data((Self.run + "\n").utf8))])
        try shell("F=\(file); " + script, in: directory)
        let before = try target.rows()
        let error = #expect(throws: ExchangeError.self) { try target.store.importRun(from: file) }
        #expect(error == .file(path: file, problem: problem))
        #expect(try target.rows() == before)
    }

    @Test(
        "A file that is right by itself comes in, so that the hostile ones fail for their own reasons"
    )
    func smallest() throws {
        try bundle([("rows.jsonl", Data((Self.run + "\n" + Self.execution() + "\n").utf8))])
        #expect(try target.store.importRun(from: file).executions == 1)
    }

    /// Writes a container with a manifest of these files; returns the directory with them.
    @discardableResult
    private func bundle(_ files: [(String, Data)]) throws -> String {
        let directory = try target.directory([:])
        let list = files.map {
            #"{"path":"\#($0.0)","bytes":\#($0.1.count),"sha256":"\#(Digest(of: $0.1).hex)"}"#
        }.joined(separator: ",")
        try Data(#"{"format":1,"files":[\#(list)]}"#.utf8).write(
            to: URL(fileURLWithPath: directory + "/manifest.json"))
        for (name, data) in files {
            try data.write(to: URL(fileURLWithPath: directory + "/" + name))
        }
        let names = (["manifest.json"] + files.map(\.0)).joined(separator: " ")
        try shell("tar -cf \(file) \(names)", in: directory)
        return directory
    }

    private func shell(_ script: String, in directory: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    @Test("Every column of an exchanged table is exported or declared local to the store")
    func columns() async throws {
        let expected: [String: Set<String>] = [
            "run": [
                "id", "pipeline", "path", "source", "revision", "program", "machine", "started",
                "finished", "outcome", "runner", "fingerprint", "last_use", "used",
            ],
            "execution": [
                "id", "key", "kind", "document", "state", "attempt", "started", "finished",
                "checkpoint", "error", "cpu_seconds", "peak_memory", "runner", "job", "node",
                "engine", "engine_version", "engine_fingerprint",
            ],
            "stage": [
                "run", "id", "name", "kind", "ordinal", "execution", "outcome", "reason",
            ],
            "event": ["id", "run", "execution", "time", "kind", "text"],
            "metric": ["execution", "name", "step", "value"],
            "metric_clock": ["execution", "step", "time"],
            "artifact": ["digest", "bytes", "files", "archive_bytes", "archive_sha256"],
        ]
        let queue = try DatabaseQueue(path: source.directory + "/vireo.db")
        for (table, columns) in expected {
            let found = try await queue.read {
                try Set(
                    String.fetchAll(
                        $0, sql: "SELECT name FROM pragma_table_info(?)", arguments: [table]))
            }
            #expect(found == columns, "\(table)")
        }
    }
}
