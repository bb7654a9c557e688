import Files
import Foundation
import Pipeline
import Store
import TestSupport
import Testing

@Suite("Named files while a stage runs", .timeLimit(.minutes(10)))
struct FileWatchTests {
    private let temporary: TemporaryStore
    private let directory: String
    private let later: @Sendable () -> Int = { FileDigests.wallClock() + 10_000_000_000 }

    init() throws {
        temporary = try TemporaryStore()
        directory = try temporary.directory(["a": "one", "sub/b": "two", "__pycache__/c": "three"])
    }

    private func file(_ name: String, _ contents: NamedFile.Contents = .file) -> NamedFile {
        NamedFile(
            label: "files[0]", written: name.isEmpty ? "src" : "src/" + name,
            path: name.isEmpty ? directory : directory + "/" + name, contents: contents)
    }

    private var tree: NamedFile { file("", .tree(ignoring: NamedFile.usuallyIgnored)) }

    /// What a plan has of the files now.
    private func expected(_ named: NamedFile) throws -> [String: Digest] {
        let digests = FileDigests(store: nil)
        switch named.contents {
        case .file: return [named.label: try digests.digest(of: named.path)]
        case .tree(let ignoring):
            return [named.label: try digests.digest(ofTree: named.path, ignoring: ignoring)]
        case .members:
            let names = try FileManager.default.contentsOfDirectory(atPath: named.path)
            return try Dictionary(
                uniqueKeysWithValues: (named.members(of: names) ?? []).map {
                    ("\(named.label)/\($0)", try digests.digest(of: "\(named.path)/\($0)"))
                })
        }
    }

    private func watch(_ named: NamedFile) throws -> FileWatch {
        try FileWatch([named], expecting: expected(named), store: temporary.store, now: later)
    }

    private func write(_ text: String, to name: String) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: directory + "/" + name))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    @Test("Files that stay as they were may be what a result was made of")
    func unchanged() throws {
        try watch(tree).check()
        try watch(file("a")).check()
        try FileWatch([], expecting: [:], store: nil).check()
    }

    @Test("A file with other content than the plan read is no beginning")
    func beforeStart() throws {
        let planned = try expected(tree)
        try write("ONE", to: "a")
        #expect(throws: FileChange.beforeStart("src")) {
            try FileWatch([tree], expecting: planned, store: temporary.store)
        }
        try write("one", to: "a")
        try FileWatch([tree], expecting: planned, store: temporary.store).check()
    }

    @Test("A change that is taken back while the stage runs shows, even with the old times")
    func takenBack() throws {
        var status = stat()
        #expect(stat(directory + "/a", &status) == 0)
        let watch = try FileWatch(
            [file("a")], expecting: expected(file("a")), store: temporary.store)
        try write("ONE", to: "a")
        try write("one", to: "a")
        let times = [status.st_atim, status.st_mtim]
        #expect(utimensat(AT_FDCWD, directory + "/a", times, 0) == 0)
        #expect(throws: FileChange.changed("src/a")) { try watch.check() }
    }

    @Test("A directory or link that another one stood in for shows, even if it is put back")
    func swapped() throws {
        let manager = FileManager.default
        let other = directory + "-other"
        try manager.createDirectory(atPath: other, withIntermediateDirectories: true)
        defer { try? manager.removeItem(atPath: other) }
        let link = directory + "/link"
        try manager.createSymbolicLink(atPath: link, withDestinationPath: "sub")
        var watch = try watch(tree)
        usleep(25_000)
        try manager.removeItem(atPath: link)
        try manager.createSymbolicLink(atPath: link, withDestinationPath: other)
        try manager.removeItem(atPath: link)
        try manager.createSymbolicLink(atPath: link, withDestinationPath: "sub")
        #expect(throws: FileChange.changed("src/link")) { try watch.check() }
        watch = try self.watch(tree)
        usleep(25_000)
        try manager.moveItem(atPath: directory, toPath: directory + "-away")
        try manager.moveItem(atPath: other, toPath: directory)
        try manager.moveItem(atPath: directory, toPath: other)
        try manager.moveItem(atPath: directory + "-away", toPath: directory)
        #expect(throws: FileChange.changed("src")) { try watch.check() }
    }

    @Test("A file that appears, disappears or changes below a named directory is named")
    func trees() throws {
        var watch = try watch(tree)
        try Data().write(to: URL(fileURLWithPath: directory + "/sub/new"))
        #expect(throws: FileChange.appeared("src/sub/new")) { try watch.check() }
        watch = try self.watch(tree)
        try FileManager.default.removeItem(atPath: directory + "/sub/new")
        #expect(throws: FileChange.gone("src/sub/new")) { try watch.check() }
        watch = try self.watch(tree)
        usleep(25_000)
        try write("TWO", to: "sub/b")
        #expect(throws: FileChange.changed("src/sub/b")) { try watch.check() }
        watch = try self.watch(tree)
        try write("THREE", to: "__pycache__/c")
        try watch.check()
    }

    @Test(
        "A file that comes and goes below a named directory shows; ignored ones that stay are of no account"
    )
    func visitors() throws {
        let manager = FileManager.default
        var watch = try watch(tree)
        usleep(25_000)
        try Data().write(to: URL(fileURLWithPath: directory + "/sub/new"))
        try manager.removeItem(atPath: directory + "/sub/new")
        #expect(throws: FileChange.visited("src/sub")) { try watch.check() }
        watch = try self.watch(tree)
        usleep(25_000)
        try manager.createDirectory(
            atPath: directory + "/sub/__pycache__", withIntermediateDirectories: true)
        try watch.check()
    }

    @Test("A directory that another one stood in for shows, even if its time is touched")
    func hiddenSwap() throws {
        let manager = FileManager.default
        let other = try temporary.directory(["a": "other"])
        let watch = try watch(tree)
        usleep(25_000)
        try manager.moveItem(atPath: directory, toPath: directory + "-away")
        try manager.moveItem(atPath: other, toPath: directory)
        try manager.moveItem(atPath: directory, toPath: other)
        try manager.moveItem(atPath: directory + "-away", toPath: directory)
        try Data().write(to: URL(fileURLWithPath: directory + "/touched"))
        try manager.removeItem(atPath: directory + "/touched")
        #expect(throws: FileChange.visited("src")) { try watch.check() }
    }

    @Test("Of a directory with chosen files only these are watched")
    func members() throws {
        let named = file("", .members(["a*"]))
        let watch = try watch(named)
        try Data().write(to: URL(fileURLWithPath: directory + "/other"))
        try watch.check()
        try Data().write(to: URL(fileURLWithPath: directory + "/ab"))
        #expect(throws: FileChange.appeared("ab")) { try watch.check() }
    }

    @Test("A file that changed a moment ago is checked once a further change would be visible")
    func pause() throws {
        let stamp = try #require(FileStamp(of: directory + "/a"))
        let named = file("a")
        var paused: [Int] = []
        _ = try FileWatch(
            [named], expecting: expected(named), store: nil, now: { stamp.changed + 5_000_000 },
            pause: { paused.append($0) })
        #expect(paused == [16_000_000])
        paused = []
        _ = try FileWatch(
            [named], expecting: expected(named), store: nil, now: { stamp.changed + 25_000_000 },
            pause: { paused.append($0) })
        #expect(paused.isEmpty)
    }

    @Test("Where times tell nothing, for they lie in the future, the content is read again")
    func future() throws {
        let stamp = try #require(FileStamp(of: directory + "/a"))
        let named = file("a")
        let watch = try FileWatch(
            [named], expecting: expected(named), store: nil,
            now: { stamp.changed - 60_000_000_000 },
            pause: { _ in Issue.record("there is nothing to wait for") })
        try watch.check()
    }
}
