import Files
import Foundation
import GRDB
import Pipeline
import Store
import Testing

/// What a store makes of results that another one gave.
@Suite("Imported results", .timeLimit(.minutes(10)))
struct ImportTests {
    private let source: SmallStore
    private let target: SmallStore
    private let file: String

    init() throws {
        source = try SmallStore()
        target = try SmallStore(filled: false)
        file = source.root + "/run.tar.zst"
    }

    private func key(_ stage: String, in small: SmallStore) throws -> Digest {
        try #require(try small.store.stages(named: stage).first?.stage.key)
    }

    @Test("They are marked with the file and the time, in the store that imported them alone")
    func marks() async throws {
        _ = try source.store.export(RunID(rawValue: 1), to: file)
        let run = try target.store.importRun(from: file).run
        let traces = try key("traces", in: target)
        #expect(try target.store.imports([traces])[traces]?.bundle == "run.tar.zst")
        #expect(try target.store.stages(named: "traces").first?.imported != nil)
        #expect(try source.store.imports([traces]) == [:])
        #expect(try target.store.condition().imported == 9)
        #expect(try target.store.importedStages(of: run) == 0)
        let verification = try await Store.verify(directory: target.directory, .init(threads: 1))
        #expect(verification.findings == [])
        #expect(verification.remarks.contains { $0.hasPrefix("9 executions were imported") })
    }

    @Test(
        "A mark that is removed or changed is found",
        arguments: [
            "DELETE FROM imported WHERE execution = 1", "UPDATE imported SET bundle = 'mine'",
        ])
    func seals(change: String) async throws {
        _ = try source.store.export(RunID(rawValue: 1), to: file)
        _ = try target.store.importRun(from: file)
        try target.store.close()
        let queue = try DatabaseQueue(path: target.directory + "/vireo.db")
        try await queue.write { try $0.execute(sql: change) }
        try queue.close()
        let verification = try await Store.verify(directory: target.directory, .init(threads: 1))
        #expect(!verification.findings.isEmpty)
    }

    @Test("A store that ignores imported results does not find their keys")
    func unused() throws {
        _ = try source.store.export(RunID(rawValue: 1), to: file)
        _ = try target.store.importRun(from: file)
        let traces = try key("traces", in: target)
        #expect(try target.store.finishedExecution(traces) != nil)
        let store = try Store.open(
            directory: target.directory, mode: .readOnly, usesImported: false)
        #expect(try store.finishedExecution(traces) == nil)
        #expect(
            try Store.open(directory: source.directory, mode: .readOnly, usesImported: false)
                .finishedExecution(traces) != nil)
    }

    @Test("A run takes its logs along, of a long one the end, and no log replaces another")
    func logs() throws {
        let traces = try key("traces", in: source)
        let model = try key("model", in: source)
        func log(_ key: Digest, in small: SmallStore) throws -> String {
            _ = try small.store.workDirectory(key)
            return small.store.layout.log(key, attempt: 1)
        }
        try "what went on\n".write(
            toFile: log(traces, in: source), atomically: false, encoding: .utf8)
        try (String(repeating: "x", count: 2 << 20) + "end").write(
            toFile: log(model, in: source), atomically: false, encoding: .utf8)
        // Older versions wrote one log for all attempts at a key.
        let answers = try key("answers", in: source)
        try "as before".write(
            toFile: source.store.workDirectory(answers) + "/log.txt", atomically: false,
            encoding: .utf8)
        let scores = try log(key("scores", in: source), in: source)
        try FileManager.default.createSymbolicLink(
            atPath: scores, withDestinationPath: "/etc/passwd")
        #expect(throws: StoreError.irregular(path: scores)) {
            try source.store.export(RunID(rawValue: 1), to: file)
        }
        try FileManager.default.removeItem(atPath: scores)
        _ = try source.store.export(RunID(rawValue: 1), to: file)
        try "mine".write(toFile: log(model, in: target), atomically: false, encoding: .utf8)
        _ = try target.store.importRun(from: file)
        #expect(
            try String(contentsOfFile: log(traces, in: target), encoding: .utf8)
                == "what went on\n")
        #expect(try String(contentsOfFile: log(model, in: target), encoding: .utf8) == "mine")
        #expect(
            try String(contentsOfFile: log(answers, in: target), encoding: .utf8) == "as before")
        let other = try SmallStore(filled: false)
        _ = try other.store.importRun(from: file)
        let long = try String(contentsOfFile: log(model, in: other), encoding: .utf8)
        #expect(long.utf8.count == 1 << 20 && long.hasSuffix("end"))
    }

    @Test("A small file that would grow large is refused, and leaves nothing")
    func bombs() throws {
        let small = try SmallStore(filled: false)
        let run = try small.start("p", ["q"])
        // Different lines that shrink to a thousandth.
        let text = String(repeating: "a", count: 100_000)
        let lines = (0..<800).map {
            #"{"id":"q\#($0)","task":"t","text":"\#(text)","answer":null,"level":1,"split":"train","source":"s"}"#
                + "\n"
        }
        try small.make("q", of: run, [("o", .questions, ["questions.jsonl": lines.joined()])])
        try small.store.finishRun(run, outcome: .done)
        _ = try small.store.export(run, to: file)
        let error = #expect(throws: ExchangeError.self) { try target.store.importRun(from: file) }
        #expect(error?.description.contains("more than is allowed for a file of this size") == true)
        let left = try FileManager.default.subpathsOfDirectory(atPath: target.directory)
        #expect(left.filter { $0.contains(".new-") || $0.contains("tar.zst") } == [])
    }

    @Test("Records of a directory that was imported are exported with the questions they are about")
    func records() throws {
        let directory = try source.directory([
            "traces.jsonl":
                #"{"question":"q-1","sample":0,"trace":"t","ids":[1],"tokens":1,"finish":"stop","log_prob":-1,"sampled_log_prob":-1}"#
                + "\n"
        ])
        _ = try source.store.importDirectory(
            directory, as: .traces, named: "mine", program: "0.1.0")
        let run = try #require(try source.store.runs().first?.id)
        _ = try source.store.export(run, to: file)
        #expect(try target.store.importRun(from: file).executions == 2)
    }
}

/// Directories with symbolic links, as artifacts.
@Suite("Import of links", .timeLimit(.minutes(10)))
struct LinkTests {
    private let small: SmallStore
    private let directory: String

    init() throws {
        small = try SmallStore(filled: false)
        directory = try small.directory(["blobs/abc": "{}", "snapshots/main/deep/own": "x"])
    }

    private func link(_ target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: directory + "/snapshots/main/config.json", withDestinationPath: target)
    }

    private func take() throws -> Digest {
        try small.store.importDirectory(
            directory + "/snapshots/main", as: .files, named: "model", program: "0.1.0")
    }

    @Test("A link to a file is that file")
    func files() throws {
        try link("../../blobs/abc")
        let path = try small.store.unpacked(take())
        #expect(try String(contentsOfFile: path + "/config.json", encoding: .utf8) == "{}")
    }

    @Test(
        "Any other link is refused with what is wrong",
        arguments: [
            ("nowhere", "leads nowhere"), ("config.json", "is part of a cycle"),
            ("../../blobs", "leads to a directory"), ("/dev/null", "leads to a device or a pipe"),
        ])
    func others(target: String, problem: String) throws {
        try link(target)
        #expect(
            throws: StoreError.link(
                path: directory + "/snapshots/main/config.json", problem: problem)
        ) { try take() }
    }
}
