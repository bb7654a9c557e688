import Files
import Foundation
import Pipeline
import Store
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct PublicationTests {
    private let temporary: TemporaryStore

    init() throws { temporary = try TemporaryStore() }

    private static let question =
        #"{"id":"q-1","task":"t","text":"4 8 : 12","answer":"4 + 8","level":1,"split":"train","source":"g"}"#
        + "\n"

    @Test("A published artifact can be found by its key and unpacked")
    func published() throws {
        let key = Digest(of: "k")
        #expect(try temporary.store.finishedExecution(key) == nil)
        let id = try temporary.start(key: key)
        let outputs = try temporary.store.publish(
            id,
            outputs: [
                .init(
                    name: "out", type: .files,
                    directory: try temporary.directory(["dir/a.txt": "hello"]))
            ], usage: Usage(cpuSeconds: 1.5, peakMemory: 4096))
        let digest = try #require(outputs["out"])
        let finished = try #require(try temporary.store.finishedExecution(key))
        #expect(finished.id == id)
        #expect(finished.outputs == outputs)
        #expect(finished.isPresent)
        let path = try temporary.store.unpacked(digest)
        #expect(path == temporary.store.layout.unpacked(digest))
        #expect(try String(contentsOfFile: path + "/dir/a.txt", encoding: .utf8) == "hello")
        #expect(
            try temporary.query("SELECT state, finished, cpu_seconds, peak_memory FROM execution")
                == ["done|2023-11-14T22:13:20.000Z|1.5|4096"])
    }

    @Test("An execution whose archive is gone is not present")
    func absent() throws {
        let key = Digest(of: "k")
        let id = try temporary.start(key: key)
        let outputs = try temporary.store.publish(
            id,
            outputs: [
                .init(name: "out", type: .files, directory: try temporary.directory(["a": "a"]))
            ], usage: nil)
        let object = temporary.store.layout.object(try #require(outputs["out"]))
        try FileManager.default.removeItem(atPath: object)
        #expect(try temporary.store.finishedExecution(key)?.isPresent == false)
    }

    @Test("A second execution of a key supersedes the first")
    func superseded() throws {
        let key = Digest(of: "k")
        for text in ["one", "two"] {
            let id = try temporary.start(key: key)
            _ = try temporary.store.publish(
                id,
                outputs: [
                    .init(
                        name: "out", type: .files, directory: try temporary.directory(["a": text]))
                ], usage: nil)
        }
        #expect(
            try temporary.query("SELECT attempt, state FROM execution ORDER BY attempt")
                == ["1|superseded", "2|done"])
    }

    @Test(
        "A line that cannot become a row is reported, and nothing is published",
        arguments: [
            ("not json", "not JSON: column 1: a value expected"),
            (#"{"question":"q-1","trace":"t","tokens":1,"finish":"stop"}"#, "sample is missing"),
            (#"{"question":"q-1","sample":1,"tokens":1,"finish":"stop"}"#, "trace is missing"),
            ("[]", "question is missing"),
            (
                #"{"question":"q-9","sample":1,"trace":"t","tokens":1,"finish":"stop"}"#,
                "its question is not in any questions artifact"
            ),
            (
                #"{"question":"q-1","sample":0,"trace":"t","tokens":1,"finish":"stop"}"#,
                "an earlier line has the same identity"
            ),
            (
                #"{"question":"q-1","sample":"x","trace":"t","tokens":1,"finish":"stop"}"#,
                "cannot store TEXT value in INTEGER column trace.sample"
            ),
            (
                #"{"question":"q-1","sample":1,"trace":"t","tokens":1,"finish":"no"}"#,
                "CHECK constraint failed: finish IN ('stop', 'length')"
            ),
            ("\u{0}", "not JSON: column 1: a value expected"),
        ])
    func malformed(line: String, problem: String) throws {
        try temporary.publish([("q", .questions, ["questions.jsonl": Self.question])])
        let objects = temporary.files(temporary.store.layout.objects)
        let good = #"{"question":"q-1","sample":0,"trace":"t","tokens":1,"finish":"stop"}"#
        let directory = try temporary.directory(["traces.jsonl": "\(good)\n\(line)\n"])
        let id = try temporary.start()
        let error = #expect(throws: StoreError.self) {
            try temporary.store.publish(
                id, outputs: [.init(name: "traces", type: .traces, directory: directory)],
                usage: nil)
        }
        #expect(
            error?.description
                == "\(directory)/traces.jsonl, line 2: \(problem);"
                + " correct the stage that wrote it")
        #expect(try temporary.query("SELECT count(*) FROM trace") == ["0"])
        #expect(try temporary.query("SELECT count(*) FROM artifact") == ["1"])
        #expect(
            try temporary.query("SELECT state FROM execution WHERE id = \(id.rawValue)")
                == ["running"])
        #expect(temporary.files(temporary.store.layout.objects) == objects)
    }

    @Test("Bytes that are not UTF-8 are named by their line")
    func encoding() throws {
        let directory = try temporary.directory([:])
        try Data([123, 10, 255, 10]).write(
            to: URL(fileURLWithPath: directory + "/questions.jsonl"))
        let id = try temporary.start()
        #expect(
            throws: StoreError.record(
                file: directory + "/questions.jsonl", line: 1,
                problem: "not JSON: column 2: a name in quotes expected, the line ends")
        ) {
            try temporary.store.publish(
                id, outputs: [.init(name: "q", type: .questions, directory: directory)], usage: nil)
        }
        try Data(Self.question.utf8 + [255, 10]).write(
            to: URL(fileURLWithPath: directory + "/questions.jsonl"))
        #expect(
            throws: StoreError.record(
                file: directory + "/questions.jsonl", line: 2, problem: "not UTF-8")
        ) {
            try temporary.store.publish(
                id, outputs: [.init(name: "q", type: .questions, directory: directory)], usage: nil)
        }
    }

    @Test("An output without the file that its type promises is refused")
    func incomplete() throws {
        let id = try temporary.start()
        let directory = try temporary.directory(["other.txt": ""])
        let error = #expect(throws: StoreError.self) {
            try temporary.store.publish(
                id, outputs: [.init(name: "w", type: .weights, directory: directory)], usage: nil)
        }
        #expect(
            error?.description
                == "output w has type weights but does not contain weights.jsonl; the stage must "
                + "write it"
        )
    }

    @Test("A store that cannot be written says where and why")
    func unwritable() throws {
        try FileManager.default.removeItem(atPath: temporary.store.layout.objects)
        let id = try temporary.start()
        let directory = try temporary.directory(["a": "a"])
        let error = #expect(throws: StoreError.self) {
            try temporary.store.publish(
                id, outputs: [.init(name: "o", type: .files, directory: directory)], usage: nil)
        }
        let text = try #require(error?.description)
        #expect(text.hasPrefix("cannot create \(temporary.directory)/objects/.new-"))
        #expect(text.hasSuffix(": No such file or directory"))
    }

    @Test(
        "Errors of the system are reported with a remedy",
        arguments: [
            (
                ENOSPC,
                "cannot write /s/x: No space left on device; free some space and run again: "
                    + "finished work is kept"
            ),
            (
                EROFS,
                "cannot write /s/x: Read-only file system; the file system is read-only: choose "
                    + "a store elsewhere with --store"
            ),
            (
                EACCES,
                "cannot write /s/x: Permission denied; grant write permission, or choose a store "
                    + "elsewhere with --store"
            ),
            (
                EIO,
                "cannot write /s/x: Input/output error; the disk reports an error: move the "
                    + "store to an intact disk and run again"
            ),
        ])
    func remedies(code: Int32, text: String) {
        #expect(StoreError.file(operation: "write", path: "/s/x", code: code).description == text)
    }
}
