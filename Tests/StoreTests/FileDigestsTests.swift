import Files
import Foundation
import Pipeline
import Store
import TestSupport
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
        #expect(throws: UnreadableFile.self) { try digests.digest(ofTree: directory) }
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
        let error = #expect(throws: UnreadableFile.self) {
            try FileDigests(store: nil).digest(ofTree: directory)
        }
        #expect(error?.description == "the file `\(directory)/\(path)` in it cannot be read")
    }

    @Test("A link to a directory above it does not lead round in circles")
    func circles() throws {
        let directory = try temporary.directory(["sub/a": "one"])
        try FileManager.default.createSymbolicLink(
            atPath: directory + "/sub/up", withDestinationPath: directory)
        #expect(FileTree(directory).files.map(\.path) == [directory + "/sub/a"])
    }

    @Test("Two names that differ in nothing but how their letters are encoded are two files")
    func spellings() throws {
        let directory = try temporary.directory(["caf\u{e9}": "one"])
        try Data("two".utf8).write(to: URL(fileURLWithPath: directory + "/cafe\u{301}"))
        let digests = FileDigests(store: temporary.store, now: later)
        let tree = try digests.digest(ofTree: directory)
        #expect(
            try digests.digest(of: directory + "/caf\u{e9}")
                != digests.digest(
                    of: directory + "/cafe\u{301}"))
        try remembered(digests)
        usleep(25_000)
        try Data("two".utf8).write(to: URL(fileURLWithPath: directory + "/caf\u{e9}"))
        let changed = try FileDigests(store: temporary.store, now: later).digest(
            ofTree: directory)
        #expect(changed != tree)
        try Data("one".utf8).write(to: URL(fileURLWithPath: directory + "/cafe\u{301}"))
        let swapped = try FileDigests(store: temporary.store, now: later).digest(
            ofTree: directory)
        #expect(swapped != tree && swapped != changed)
    }

    @Test("A directory with a name that is not UTF-8 has no digest, and says why")
    func strangeName() throws {
        let directory = try temporary.directory(["sub/a": "one", "b": "two"])
        let file = open(directory + "/sub/caf\u{e9}", O_CREAT | O_WRONLY, 0o600)
        close(file)
        let strange: [CChar] = (directory + "/sub/").utf8CString.dropLast() + [-23, 0]
        #expect(rename(directory + "/sub/caf\u{e9}", strange) == 0)
        defer { unlink(strange) }
        let error = #expect(throws: UnreadableFile.self) {
            try FileDigests(store: nil).digest(ofTree: directory)
        }
        #expect(
            error?.description.contains("a file name in `\(directory)/sub` is not UTF-8") == true)
        _ = try FileDigests(store: nil).digest(ofTree: directory, ignoring: ["sub"])
    }

    @Test("That a file may be executed counts, for it alone and in a directory")
    func executable() throws {
        let directory = try temporary.directory(["run.sh": "one"])
        let file = directory + "/run.sh"
        let plain = FileDigests(store: nil, now: later)
        let (before, tree) = (try plain.digest(ofTree: file), try plain.digest(ofTree: directory))
        #expect(before == Digest(of: "one"))
        let evidence = try #require(plain.evidence)
        #expect(chmod(file, 0o755) == 0)
        #expect(!evidence.holds)
        let marked = FileDigests(store: nil, now: later)
        #expect(try marked.digest(ofTree: file) != before)
        #expect(try marked.digest(ofTree: directory) != tree)
        #expect(chmod(file, 0o600) == 0)
        let back = FileDigests(store: nil, now: later)
        #expect(try back.digest(ofTree: file) == before)
        #expect(try back.digest(ofTree: directory) == tree)
    }

    @Test("A link to a directory of the tree counts by where it leads, whatever came first")
    func links() throws {
        func tree(_ make: (String) throws -> Void) throws -> Digest {
            let directory = try temporary.directory([:])
            try make(directory)
            return try FileDigests(store: nil).digest(ofTree: directory)
        }
        let files = FileManager.default
        func folder(_ name: String, in directory: String) throws {
            try files.createDirectory(
                atPath: "\(directory)/\(name)", withIntermediateDirectories: false)
            try "\(name)".write(
                toFile: "\(directory)/\(name)/x", atomically: false, encoding: .utf8)
        }
        let first = try tree {
            try folder("a", in: $0)
            try folder("c", in: $0)
            try files.createSymbolicLink(atPath: $0 + "/b", withDestinationPath: "a")
        }
        let last = try tree {
            try files.createSymbolicLink(atPath: $0 + "/b", withDestinationPath: "a")
            try folder("c", in: $0)
            try folder("a", in: $0)
        }
        let elsewhere = try tree {
            try folder("a", in: $0)
            try folder("c", in: $0)
            try files.createSymbolicLink(atPath: $0 + "/b", withDestinationPath: "c")
        }
        #expect(first == last)
        #expect(first != elsewhere)
    }

    @Test("What is ignored below a link to a directory counts below the directory itself")
    func ignoredByLink() throws {
        let directory = try temporary.directory(["z/data": "one", "z/more/data": "two"])
        for (link, target) in [("a", "z"), ("b", "z/more")] {
            try FileManager.default.createSymbolicLink(
                atPath: directory + "/" + link, withDestinationPath: target)
        }
        func digest() throws -> Digest {
            try FileDigests(store: nil).digest(ofTree: directory, ignoring: ["a/*", "b/*"])
        }
        let before = try digest()
        try Data("other".utf8).write(to: URL(fileURLWithPath: directory + "/z/more/data"))
        #expect(try digest() != before)
    }

    @Test("Two spellings of a pattern are two patterns")
    func patternSpellings() throws {
        let directory = try temporary.directory(["caf\u{e9}": "one", "b": "two"])
        let digests = FileDigests(store: nil)
        #expect(
            try digests.digest(ofTree: directory, ignoring: ["caf\u{e9}"])
                != digests.digest(ofTree: directory, ignoring: ["cafe\u{301}"]))
    }

    @Test("Where a link leads is evidence")
    func linkEvidence() throws {
        let directory = try temporary.directory(["a/x": "one", "c/x": "one"])
        let link = directory + "/b"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "a")
        let digests = FileDigests(store: nil, now: later)
        _ = try digests.digest(ofTree: directory)
        let evidence = try #require(digests.evidence)
        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "c")
        #expect(!evidence.holds)
    }

    @Test("A store is no part of a directory that it lies in, nor of its own")
    func ownStore() throws {
        let directory = try temporary.directory(["x": "1"])
        let before = try FileDigests(store: nil).digest(ofTree: directory)
        try Store.open(directory: directory + "/.vireo", mode: .readWrite).close()
        #expect(try FileDigests(store: nil).digest(ofTree: directory) == before)
        try Store.open(directory: directory, mode: .readWrite).close()
        #expect(try FileDigests(store: nil).digest(ofTree: directory) == before)
    }

    @Test(
        "Patterns leave names out, at every depth or from the top on",
        arguments: [
            (["*.log"], ["a.txt", "sub/b.txt", "sub/deep/c.txt"]),
            (["sub"], ["a.log", "a.txt"]),
            (["deep/"], ["a.log", "a.txt", "sub/b.log", "sub/b.txt"]),
            (["sub/*.log"], ["a.log", "a.txt", "sub/b.txt", "sub/deep/c.log", "sub/deep/c.txt"]),
            (["/a.*"], ["sub/b.log", "sub/b.txt", "sub/deep/c.log", "sub/deep/c.txt"]),
            (["**/deep", "./a.log"], ["a.txt", "sub/b.log", "sub/b.txt"]),
            (["sub/**"], ["a.log", "a.txt"]),
        ])
    func ignored(patterns: [String], left: [String]) throws {
        let directory = try temporary.directory([
            "a.txt": "", "a.log": "", "sub/b.txt": "", "sub/b.log": "", "sub/deep/c.txt": "",
            "sub/deep/c.log": "",
        ])
        let tree = FileTree(directory, ignoring: patterns)
        #expect(tree.files.map { String($0.path.dropFirst(directory.count + 1)) } == left)
    }

    @Test("The files of processes, and directories without end, are refused in words")
    func endless() throws {
        #expect(throws: UnreadableFile.obstacle(.unreal("/proc/self"))) {
            try FileDigests(store: nil).digest(ofTree: "/proc/self")
        }
        let directory = try temporary.directory(["a": "", "b": "", "c": ""])
        #expect(FileTree(directory, limit: 2).obstacle == .tooMany(limit: 2))
    }

    @Test("The result of an unchanged run is kept until a file changes or a result is lost")
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
