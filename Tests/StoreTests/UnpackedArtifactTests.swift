import Files
import Foundation
import Pipeline
import Store
import TestSupport
import Testing

@Suite("What readers of an artifact are given", .timeLimit(.minutes(10)))
struct UnpackedArtifactTests {
    private let temporary: TemporaryStore
    private let digest: Digest

    init() throws {
        temporary = try TemporaryStore()
        let out = try temporary.publish([("out", .files, ["a": "one", "sub/b": "two"])])
        digest = try #require(out.outputs["out"])
    }

    private var store: Store { temporary.store }

    private func shell(_ script: String, in directory: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-ec", "chmod -R u+w .\n" + script]
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    private func inode(_ path: String) throws -> UInt64 {
        try #require(FileStamp(of: path)).inode
    }

    @Test("It is read-only, and stays where it is")
    func readOnly() throws {
        let input = try store.reading(digest)
        for (name, mode) in [("", 0o555), ("/a", 0o444), ("/sub", 0o555), ("/sub/b", 0o444)] {
            let stamp = try #require(FileStamp(of: input.path + name))
            #expect(stamp.mode & 0o777 == UInt32(mode))
        }
        let before = try inode(input.path + "/a")
        #expect(try input.change() == nil)
        #expect(try inode(store.reading(digest).path + "/a") == before)
    }

    @Test(
        "A changed input is reported with the name of the file, and the next reader gets the published contents",
        arguments: [
            ("sed -i s/one/ONE/ a", "`a` was changed"), ("printf ONE > a", "`a` was changed"),
            ("touch x", "`x` was added"), ("touch sub/x", "`sub/x` was added"),
            ("rm sub/b", "`sub/b` is gone"), ("mv a c", "`c` was added"),
            ("rm -r sub; mkdir sub; printf two > sub/b", "`sub` was changed"),
            ("chmod +x a", "`a` was changed"),
            ("printf ONE > a; printf one > a", "`a` was changed"),
            ("rm a; ln -s sub/b a", "`a` was changed"),
        ])
    func changes(script: String, change: String) throws {
        let input = try store.reading(digest)
        try shell(script, in: input.path)
        let told = try #require(try input.change())
        // The permissions that the script needs are a change of their own.
        #expect(
            told == change || told == "the directory itself was changed"
                || told == "`sub` was changed")
        let next = try store.reading(digest)
        #expect(try String(contentsOfFile: next.path + "/a", encoding: .utf8) == "one")
        #expect(try String(contentsOfFile: next.path + "/sub/b", encoding: .utf8) == "two")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: next.path).sorted() == ["a", "sub"])
        #expect(try input.change() != nil)
        #expect(try next.change() == nil)
    }

    @Test("A further hard link is no change")
    func hardLink() throws {
        let input = try store.reading(digest)
        let before = try inode(input.path + "/a")
        #expect(link(input.path + "/a", temporary.root + "/other") == 0)
        #expect(try input.change() == nil)
        #expect(try inode(store.reading(digest).path + "/a") == before)
    }

    @Test("A copy of a store uses its unpacked files once it has compared them")
    func copied() throws {
        _ = try store.reading(digest)
        let copy = temporary.root + "/copy"
        let process = try Process.run(
            URL(fileURLWithPath: "/bin/cp"), arguments: ["-a", temporary.directory, copy])
        process.waitUntilExit()
        let other = try Store.open(directory: copy, mode: .readWrite)
        let before = try inode(other.layout.unpacked(digest) + "/a")
        #expect(try inode(other.reading(digest).path + "/a") == before)
        try other.close()
    }

    @Test(
        "Files that an interrupted process unpacked without recording them are compared before use")
    func unrecorded() throws {
        let input = try store.reading(digest)
        let stamps = input.path + ".stamps"
        try FileManager.default.removeItem(atPath: stamps)
        let before = try inode(input.path + "/a")
        #expect(try inode(store.reading(digest).path + "/a") == before)
        #expect(FileManager.default.fileExists(atPath: stamps))
    }

    @Test("Whether a file may be executed, and directories with nothing in them, are kept")
    func modes() async throws {
        let directory = try temporary.directory(["tool": "#!/bin/sh\n", "data/a": "x"])
        #expect(chmod(directory + "/tool", 0o755) == 0)
        try FileManager.default.createDirectory(
            atPath: directory + "/logs/train", withIntermediateDirectories: true)
        let id = try temporary.start()
        let outputs = try store.publish(
            id, outputs: [.init(name: "out", type: .files, directory: directory)], usage: nil)
        let digest = try #require(outputs["out"])
        let contents = try store.contents(digest)
        #expect(contents.emptyDirectories == ["logs/train"])
        #expect(contents.files.map(\.isExecutable) == [false, true])
        let lines =
            "data/a\0" + "1\0\(Digest(of: "x").hex)\n"
            + "tool\0" + "10\0\(Digest(of: "#!/bin/sh\n").hex)\0x\n" + "logs/train\0/\n"
        #expect(digest == Digest(of: lines))
        let input = try store.reading(digest)
        #expect(access(input.path + "/tool", X_OK) == 0)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: input.path + "/logs/train") == [])
        let copy = temporary.root + "/got"
        try store.extract(digest, to: copy)
        #expect(try #require(FileStamp(of: copy + "/tool")).isExecutable)
        #expect(!(try #require(FileStamp(of: copy + "/data/a")).isExecutable))
        #expect(try #require(FileStamp(of: copy + "/logs/train")).isDirectory)
        let verification = try await Store.verify(
            directory: temporary.directory, .init(threads: 1))
        #expect(verification.findings.map(\.description) == [])
    }

    @Test("Names that differ in nothing but how letters are encoded are two files")
    func spellings() async throws {
        let directory = try temporary.directory(["caf\u{e9}": "one"])
        try Data("two".utf8).write(to: URL(fileURLWithPath: directory + "/cafe\u{301}"))
        let id = try temporary.start()
        let outputs = try store.publish(
            id, outputs: [.init(name: "out", type: .files, directory: directory)], usage: nil)
        let digest = try #require(outputs["out"])
        let input = try store.reading(digest)
        #expect(try String(contentsOfFile: input.path + "/caf\u{e9}", encoding: .utf8) == "one")
        #expect(try String(contentsOfFile: input.path + "/cafe\u{301}", encoding: .utf8) == "two")
        let verification = try await Store.verify(
            directory: temporary.directory, .init(threads: 1))
        #expect(verification.findings.map(\.description) == [])
        let contents = try store.contents(digest)
        let swapped = ArtifactContents(
            zip(contents.files, contents.files.reversed()).map {
                .init(path: $0.path, bytes: $1.bytes, sha256: $1.sha256)
            })
        #expect(ArtifactDifference(from: contents, to: swapped).files.count == 2)
    }

    @Test("Verification names the stages that have read a copy since it was changed")
    func readers() async throws {
        let input = try store.reading(digest)
        try shell("printf ONE > a", in: input.path)
        let verification = try await Store.verify(
            directory: temporary.directory, .init(threads: 1))
        #expect(verification.findings.map(\.damage.kind) == ["cache"])
        #expect(try store.repair(verification.findings).count == 1)
        let clean = try await Store.verify(directory: temporary.directory, .init(threads: 1))
        #expect(clean.findings.isEmpty && clean.leftovers.count == 1)
        #expect(try String(contentsOfFile: store.unpacked(digest) + "/a", encoding: .utf8) == "one")
    }

    @Test("A link in the place of an output, or of a directory above it, is refused")
    func links() throws {
        let work = try store.workDirectory(Digest(of: "k"))
        let elsewhere = try temporary.directory(["out/other": "private"])
        let files = FileManager.default
        try files.createSymbolicLink(
            atPath: work + "/attempt-1", withDestinationPath: elsewhere)
        try files.createDirectory(
            atPath: work + "/attempt-2", withIntermediateDirectories: true)
        try files.createSymbolicLink(
            atPath: work + "/attempt-2/out", withDestinationPath: elsewhere + "/out")
        for (attempt, path) in [("attempt-1", "/attempt-1"), ("attempt-2", "/attempt-2/out")] {
            let id = try temporary.start()
            #expect(throws: StoreError.unsupported(path: work + path)) {
                try store.publish(
                    id,
                    outputs: [
                        .init(name: "out", type: .files, directory: "\(work)/\(attempt)/out")
                    ], usage: nil)
            }
        }
        #expect(files.fileExists(atPath: elsewhere + "/out/other"))
    }
}
