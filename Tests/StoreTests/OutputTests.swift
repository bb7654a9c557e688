import Foundation
import TestSupport
import Testing

import Store

@Suite("Files that commands write", .timeLimit(.minutes(10)))
struct OutputTests {
    private let temporary: TemporaryDirectory
    private var directory: String { temporary.path }
    private let files = LocalFileSystem()

    init() throws { temporary = try TemporaryDirectory() }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    @Test("Nothing is written into a store")
    func store() throws {
        for name in ["objects/12", "other"] {
            try FileManager.default.createDirectory(
                atPath: directory + "/" + name, withIntermediateDirectories: true)
        }
        try Data().write(to: URL(fileURLWithPath: directory + "/vireo.db"))
        try FileManager.default.createSymbolicLink(
            atPath: directory + "-link", withDestinationPath: directory)
        defer { unlink(directory + "-link") }
        for path in ["/vireo.db", "/new", "/objects/12/x.tar.zst", "-link/other/new", "/./new"] {
            #expect(throws: StoreError.insideStore(path: directory + path)) {
                try files.replace(directory + path, with: "x")
            }
        }
        #expect(try names() == ["objects", "other", "vireo.db"])
        #expect(
            StoreError.insideStore(path: "a").description
                == "a is in a store, which must contain only files of vireo; choose another path")
    }

    @Test("A link stays a link: the file that it leads to is written, with its mode")
    func link() throws {
        let (target, link) = (directory + "/target", directory + "/link")
        try files.replace(target, with: "old")
        #expect(chmod(target, 0o640) == 0)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "target")
        try files.replace(link, with: "new")
        #expect(try text(target) == "new")
        var status = stat()
        #expect(lstat(link, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
        #expect(lstat(target, &status) == 0 && status.st_mode & 0o7777 == 0o640)
        #expect(try names() == ["link", "target"])
    }

    @Test("Output is written to a device or a named pipe, which is not replaced")
    func devices() async throws {
        try files.replace("/dev/null", with: "x")
        var status = stat()
        #expect(lstat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
        let pipe = directory + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        // A reader, so that opening waits for none.
        let reader = open(pipe, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        try files.replace(pipe, with: "through")
        var bytes = [UInt8](repeating: 0, count: 10)
        #expect(read(reader, &bytes, 10) == 7)
        #expect(lstat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
        #expect(try names() == ["pipe"])
    }

    @Test("A directory, and a link to nothing, are refused and stay")
    func refused() throws {
        let link = directory + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "nothing")
        #expect(throws: StoreError.self) { try files.replace(link, with: "x") }
        #expect(throws: StoreError.self) { try files.replace(directory, with: "x") }
        #expect(throws: StoreError.self) { try files.replace(directory + "/a/b", with: "x") }
        #expect(try names() == ["link"])
    }

    @Test(
        "The next write removes the temporary file of a killed writer, but not that of a running one"
    )
    func leftovers() throws {
        let target = directory + "/out"
        try files.replace(target + Store.temporaryPrefix + "1", with: "left")
        let other = target + Store.temporaryPrefix + "2"
        try files.replace(other, with: "going on")
        let writer = open(other, O_RDONLY)
        defer { close(writer) }
        #expect(flock(writer, LOCK_EX | LOCK_NB) == 0)
        try files.replace(target, with: "x")
        #expect(try names() == ["out", "out.new-2"])
    }

    @Test("A failure leaves the old file and nothing else")
    func failure() throws {
        let target = directory + "/out"
        try files.replace(target, with: "old")
        #expect(throws: StoreError.self) {
            try files.writeOutput(to: target) { _ in
                throw StoreError.file(operation: "write", path: target, code: ENOSPC)
            }
        }
        #expect(try text(target) == "old")
        #expect(try names() == ["out"])
    }
}
