import Foundation
import Pipeline
import Store
import Testing

@Suite(.timeLimit(.minutes(10)))
struct FileDigestsTests {
    private let temporary: TemporaryStore
    private let later: @Sendable () -> Int = { FileDigests.wallClock() + 10_000_000_000 }

    init() throws { temporary = try TemporaryStore() }

    private func remembered(_ digests: FileDigests) throws {
        try temporary.store.remember(digests.fresh)
    }

    @Test("A file's digest is that of its content, a directory's that of all files below it")
    func contents() throws {
        let directory = try temporary.directory(["a": "one", "sub/b": "two"])
        let digests = FileDigests(store: nil)
        #expect(try digests.digest(of: directory + "/a") == Digest(of: "one"))
        let tree = try digests.digest(ofTree: directory)
        let lines =
            "a\0" + "3\0\(Digest(of: "one").hex)\n" + "sub/b\0" + "3\0\(Digest(of: "two").hex)\n"
        #expect(tree == Digest(of: lines))
        #expect(try digests.digest(ofTree: directory + "/a") == Digest(of: "one"))
        #expect(throws: POSIXError.self) { try digests.digest(of: directory + "/none") }
        #expect(throws: (any Error).self) { try digests.digest(of: directory) }
    }

    @Test("Where a directory is does not matter, the names in it do")
    func names() throws {
        let one = try temporary.directory(["a": "x"])
        let same = try temporary.directory(["a": "x"])
        let other = try temporary.directory(["b": "x"])
        let digests = FileDigests(store: nil)
        #expect(try digests.digest(ofTree: one) == digests.digest(ofTree: same))
        #expect(try digests.digest(ofTree: one) != digests.digest(ofTree: other))
    }

    @Test("A file with the stamp it had is not read again")
    func notReadAgain() throws {
        let file = try temporary.directory(["a": "one"]) + "/a"
        let first = FileDigests(store: temporary.store, now: later)
        _ = try first.digest(of: file)
        #expect(first.fresh.map(\.digest) == [Digest(of: "one")])
        try remembered(first)
        // Only whoever did not read the file can still take the planted digest for its own.
        try temporary.store.remember([
            FileDigests.Entry(
                path: file, stamp: try #require(FileStamp(of: file)), digest: Digest(of: "planted"))
        ])
        let second = FileDigests(store: temporary.store, now: later)
        #expect(try second.digest(of: file) == Digest(of: "planted"))
        #expect(second.fresh.isEmpty)
    }

    @Test("A change shows even if size and modification time stay the same")
    func sameTimes() throws {
        let file = try temporary.directory(["a": "one"]) + "/a"
        let date = Date(timeIntervalSince1970: 1_600_000_000)
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file)
        let first = FileDigests(store: temporary.store, now: later)
        _ = try first.digest(of: file)
        try remembered(first)
        let evidence = try #require(first.evidence)
        #expect(evidence.holds)
        usleep(25_000)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        try handle.write(contentsOf: Data("two".utf8))
        try handle.close()
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file)
        #expect(!evidence.holds)
        let second = FileDigests(store: temporary.store, now: later)
        #expect(try second.digest(of: file) == Digest(of: "two"))
    }

    @Test("What changed a moment ago is read again next time, for one more change might not show")
    func racy() throws {
        let file = try temporary.directory(["a": "one"]) + "/a"
        let stamp = try #require(FileStamp(of: file))
        for (nanoseconds, isTrusted) in [(0, false), (19_000_000, false), (21_000_000, true)] {
            let digests = FileDigests(
                store: temporary.store, now: { stamp.changed + nanoseconds })
            #expect(try digests.digest(of: file) == Digest(of: "one"))
            #expect(digests.fresh.count == (isTrusted ? 1 : 0))
            #expect((digests.evidence != nil) == isTrusted)
        }
    }

    @Test("A file system that counts whole seconds is trusted after two of them")
    func wholeSeconds() {
        let stamp = FileStamp(
            device: 1, inode: 1, bytes: 1, modified: 5_000_000_000, changed: 5_000_000_000,
            isDirectory: false)
        #expect(!stamp.isSettled(at: 6_900_000_000))
        #expect(stamp.isSettled(at: 7_100_000_000))
    }

    @Test(
        "Evidence holds until a file below its directories comes, goes, changes or is replaced",
        arguments: ["nothing", "new", "gone", "changed", "replaced", "renamed"])
    func evidence(change: String) throws {
        let directory = try temporary.directory(["a": "one", "sub/b": "two"])
        let digests = FileDigests(store: nil, now: later)
        _ = try digests.digest(ofTree: directory)
        let evidence = try #require(digests.evidence)
        let files = FileManager.default
        let file = directory + "/sub/b"
        usleep(25_000)
        switch change {
        case "new": _ = files.createFile(atPath: directory + "/sub/c", contents: Data())
        case "gone": try files.removeItem(atPath: file)
        case "changed": try Data("TWO".utf8).write(to: URL(fileURLWithPath: file))
        case "replaced":
            try files.copyItem(atPath: file, toPath: file + "2")
            try files.removeItem(atPath: file)
            try files.moveItem(atPath: file + "2", toPath: file)
        case "renamed": try files.moveItem(atPath: file, toPath: directory + "/sub/c")
        default: break
        }
        #expect(evidence.holds == (change == "nothing"))
    }

    @Test("A directory that was listed is evidence: one more file in it shows")
    func listed() throws {
        let directory = try temporary.directory(["a": "one"])
        let digests = FileDigests(store: nil, now: later)
        #expect(try digests.names(in: directory) == ["a"])
        #expect(digests.fresh.isEmpty)
        let evidence = try #require(digests.evidence)
        #expect(evidence.holds)
        usleep(25_000)
        _ = FileManager.default.createFile(atPath: directory + "/b", contents: Data())
        #expect(!evidence.holds)
        #expect(throws: CocoaError.self) { try digests.names(in: directory + "/none") }
    }

    @Test("The names of a tree count from its root on, whatever letters that has")
    func letters() throws {
        let directory = try temporary.directory(["é/a": "one", "e/a": "one"])
        let digests = FileDigests(store: nil, now: later)
        #expect(
            try digests.digest(ofTree: directory + "/é") == digests.digest(ofTree: directory + "/e")
        )
    }

    @Test("What is neither a file nor a directory is not waited for")
    func pipe() throws {
        let directory = try temporary.directory(["a": "one"])
        #expect(mkfifo(directory + "/pipe", 0o600) == 0)
        let digests = FileDigests(store: nil, now: later)
        #expect(throws: POSIXError(.EINVAL)) { try digests.digest(of: directory + "/pipe") }
        #expect(throws: FileDigests.Unreadable.self) { try digests.digest(ofTree: directory) }
    }

    @Test("A directory where a file is wanted is not gone through")
    func directoryForFile() throws {
        let directory = try temporary.directory(["a": "one"])
        let digests = FileDigests(store: nil, now: later)
        #expect(throws: (any Error).self) { try digests.digest(of: directory) }
        #expect(digests.fresh.isEmpty)
        let tree = try digests.digest(ofTree: directory)
        #expect(try tree == FileDigests(store: nil).digest(ofTree: directory))
    }

    @Test(
        "A directory with something that this user may not read has no digest",
        .disabled(if: getuid() == 0, "root may read everything"),
        arguments: ["sub", "sub/b"])
    func closed(path: String) throws {
        let directory = try temporary.directory(["a": "one", "sub/b": "two"])
        #expect(chmod("\(directory)/\(path)", 0) == 0)
        defer { chmod("\(directory)/\(path)", 0o700) }
        let error = #expect(throws: FileDigests.Unreadable.self) {
            try FileDigests(store: nil).digest(ofTree: directory)
        }
        #expect(error?.description == "`\(directory)/\(path)` in it cannot be read")
    }

    @Test("A link to a directory above it does not lead round in circles")
    func circles() throws {
        let directory = try temporary.directory(["sub/a": "one"])
        try FileManager.default.createSymbolicLink(
            atPath: directory + "/sub/up", withDestinationPath: directory)
        #expect(FileTree(directory).files.map(\.path) == [directory + "/sub/a"])
    }

    @Test("An answer is remembered until a file changes or a result is lost")
    func shortcut() throws {
        let store = temporary.store
        let file = try temporary.directory(["a": "one"]) + "/a"
        let run = try store.startRun(
            RunDescription(pipeline: "p", path: "p.yaml", source: "", program: "test"),
            stages: [.init(id: "s", name: "s", kind: "test")])
        let published = try temporary.publish([("out", .files, ["x": "y"])])
        try store.recordStage(
            run, stage: "s", outcome: .cached, execution: published.id, reason: nil)
        try store.finishRun(run, outcome: .done)
        let digests = FileDigests(store: store, now: later)
        _ = try digests.digest(of: file)
        let question = Digest(of: "run p.yaml")
        try store.remember(run, asAnswerTo: question, while: try #require(digests.evidence))
        let answer = try #require(try store.remembered(question))
        #expect(answer.run == run && answer.stages == 1)
        #expect(try store.remembered(Digest(of: "run q.yaml")) == nil)
        let object = store.layout.object(try #require(published.outputs["out"]))
        let kept = object + ".kept"
        try FileManager.default.moveItem(atPath: object, toPath: kept)
        #expect(try store.remembered(question) == nil)
        try FileManager.default.moveItem(atPath: kept, toPath: object)
        #expect(try store.remembered(question) != nil)
        usleep(25_000)
        try Data("two".utf8).write(to: URL(fileURLWithPath: file))
        #expect(try store.remembered(question) == nil)
    }
}
