import Files
import Foundation
import Pipeline
import Store
import Testing

/// Stores that somebody else made, with names that lead elsewhere.
@Suite("A stranger's store", .timeLimit(.minutes(10)))
struct StrangerTests {
    private let small: SmallStore
    private let home: String

    init() throws {
        small = try SmallStore()
        try small.store.close()
        home = try small.directory(["photos/a": "mine", "b": "mine"])
    }

    private var isWhole: Bool {
        ["/photos/a", "/b"].allSatisfy { FileManager.default.fileExists(atPath: home + $0) }
    }

    /// Puts a symbolic link to the home directory, or to a file there, in the place of `name`.
    private func link(_ name: String, to target: String = "") throws {
        let path = small.directory + "/" + name
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(
            atPath: path, withDestinationPath: home + target)
    }

    @Test(
        "A symbolic link in the place of a file or directory of the store is refused by name",
        arguments: [
            "objects", "cache", "work", "quarantine", "vireo.db", "vireo.db-wal", "vireo.db-shm",
            "write.lock",
        ])
    func links(name: String) async throws {
        try link(name, to: name.contains(".") ? "/b" : "")
        let expected = StoreError.irregular(path: small.directory + "/" + name)
        #expect(throws: expected) { try small.reopen() }
        #expect(throws: expected) {
            try Store.open(directory: small.directory, mode: .readOnly)
        }
        await #expect(throws: expected) {
            try await Store.verify(directory: small.directory, .init(threads: 1))
        }
        #expect(isWhole)
    }

    @Test(
        "A named pipe is refused without waiting", arguments: ["vireo.db", "write.lock"])
    func pipes(name: String) throws {
        let path = small.directory + "/" + name
        try FileManager.default.removeItem(atPath: path)
        try #require(mkfifo(path, 0o644) == 0)
        #expect(throws: StoreError.irregular(path: path)) { try small.reopen() }
    }

    @Test("A database with a second name is read, and not written")
    func hardLinks() throws {
        let path = small.directory + "/vireo.db"
        try FileManager.default.linkItem(atPath: path, toPath: home + "/db")
        #expect(throws: StoreError.shared(path: path)) { try small.reopen() }
        let store = try Store.open(directory: small.directory, mode: .readOnly)
        #expect(try store.runs().count == 3)
    }

    @Test(
        "Garbage collection removes a link in the place of a work directory, not what it leads to")
    func work() throws {
        try small.reopen()
        let stage = try #require(try small.store.stages(named: "traces").first)
        let key = try #require(stage.stage.key)
        for digest in [key, Digest(of: "unknown")] {
            try link("work/" + digest.hex)
            _ = try small.store.collect(.init())
            #expect(isWhole)
        }
        try link("work/" + key.hex)
        #expect(throws: StoreError.irregular(path: small.directory + "/work/" + key.hex)) {
            try small.store.workDirectory(key)
        }
        try FileManager.default.removeItem(atPath: small.directory + "/work/" + key.hex)
        _ = try small.store.workDirectory(key)
        for name in ["rollouts", "log-1.txt"] {
            try link("work/\(key.hex)/\(name)")
            #expect(throws: StoreError.self) { try small.store.workDirectory(key) }
            try FileManager.default.removeItem(
                atPath: small.directory + "/work/\(key.hex)/\(name)")
        }
    }

    @Test("A link in the place of unpacked files is replaced by what the archive holds")
    func unpacked() throws {
        try small.reopen()
        let record = try #require(try small.store.artifacts().last { $0.type == "model" })
        try FileManager.default.createDirectory(
            atPath: home + "/deep", withIntermediateDirectories: true)
        try Data("{}".utf8).write(to: URL(fileURLWithPath: home + "/config.json"))
        try Data(String(repeating: "x", count: 9000).utf8).write(
            to: URL(fileURLWithPath: home + "/deep/weights.bin"))
        try link("cache/" + record.digest.hex)
        let path = try small.store.unpacked(record.digest)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path + "/deep/weights.bin"))
        #expect(bytes == Data(String(repeating: "w", count: 9000).utf8))
        #expect(isWhole)
    }

    @Test("The store's own directory may be a link that its owner made")
    func own() throws {
        let path = small.root + "/link"
        try FileManager.default.createSymbolicLink(
            atPath: path, withDestinationPath: small.directory)
        let store = try Store.open(directory: path, mode: .readWrite)
        #expect(try store.runs().count == 3)
        try store.close()
    }

    @Test(
        "A tree of any depth and with any names is removed, and links are not followed"
    )
    func trees() throws {
        let root = home + "/tree"
        var directory = open(home, O_RDONLY | O_DIRECTORY)
        for depth in 0..<1500 {
            let name = depth == 0 ? "tree" : "abcdef"
            try #require(mkdirat(directory, name, 0o755) == 0)
            let next = openat(directory, name, O_RDONLY | O_DIRECTORY)
            close(directory)
            directory = next
            if depth % 500 == 1 {
                symlinkat(home, directory, "link")
                let file = openat(
                    directory, [CChar(bitPattern: 0xE9), 0], O_WRONLY | O_CREAT, 0o644)
                close(file)
                fchmod(directory, 0o500)
            }
        }
        close(directory)
        try LocalFileSystem().remove(root)
        #expect(!FileManager.default.fileExists(atPath: root))
        #expect(isWhole)
        try LocalFileSystem().remove(root)
    }
}
