import Files
import Foundation
import Pipeline
import Store
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ArchiveTests {
    private let temporary: TemporaryStore

    init() throws { temporary = try TemporaryStore() }

    @Test("The same files give the same archive, whatever their times and order")
    func repeatable() throws {
        let files = ["b.txt": "second", "a/x.txt": "first", "empty": ""]
        let one = try temporary.publish([("out", .files, files)])
        let object = temporary.store.layout.object(try #require(one.outputs["out"]))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: object))

        let other = try TemporaryStore()
        let directory = try other.directory([:])
        for (path, text) in files.sorted(by: { $0.key > $1.key }) {
            let url = URL(fileURLWithPath: directory + "/" + path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1000), .posixPermissions: 0o640],
                ofItemAtPath: url.path)
        }
        let digests = try other.store.publish(
            try other.start(),
            outputs: [.init(name: "out", type: .files, directory: directory)], usage: nil)
        #expect(digests == one.outputs)
        let again = other.store.layout.object(try #require(digests["out"]))
        #expect(try Data(contentsOf: URL(fileURLWithPath: again)) == bytes)
    }

    /// What fills a large file, and the level that is worth its time there.
    enum Filling: CaseIterable {
        case noise
        case numbers
        case repeats

        var level: Int {
            switch self {
            case .noise: -50
            case .numbers: 1
            case .repeats: 3
            }
        }

        func bytes(_ count: Int) -> Data {
            var state: UInt64 = 1
            func random(_ bound: UInt64) -> UInt64 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return (state >> 33) % bound
            }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(count + 16)
            while bytes.count < count {
                switch self {
                case .noise: bytes.append(UInt8(random(256)))
                // Halves of floating-point numbers: one byte says much less than the other.
                case .numbers: bytes += [UInt8(random(256)), UInt8(60 + random(3) * random(3))]
                // Level 1 looks back half a mebibyte.
                case .repeats:
                    let period = 600_000
                    if bytes.count < period {
                        bytes.append(UInt8(random(256)))
                    } else {
                        bytes += bytes[(bytes.count - period)...].prefix(4096)
                    }
                }
            }
            return Data(bytes[..<count])
        }
    }

    @Test(
        "What is large is compressed as far as that is worth its time", arguments: Filling.allCases)
    func level(filling: Filling) throws {
        let count = 9 << 20
        let directory = try temporary.directory([:])
        try filling.bytes(count).write(to: URL(fileURLWithPath: directory + "/large"))
        let files = LocalFileSystem()
        let large = try Compression(of: [("large", count)], in: directory, on: files)
        #expect(large.level == filling.level)
        #expect(large.threads == (filling == .noise ? 0 : 2))
        let small = try Compression(of: [("large", 1 << 20)], in: directory, on: files)
        #expect(small.level == 3)
        #expect(small.threads == 0)
    }

    @Test("An artifact is named by its files' paths, sizes and contents")
    func digest() throws {
        let contents = ArtifactContents([
            .init(path: "b", bytes: 1, sha256: Digest(of: "x")),
            .init(path: "a", bytes: 0, sha256: Digest(of: "")),
        ])
        let text = "a\0" + "0\0\(Digest(of: "").hex)\nb\0" + "1\0\(Digest(of: "x").hex)\n"
        #expect(contents.digest == Digest(of: text))
        let published = try temporary.publish([("out", .files, ["a": "", "b": "x"])])
        #expect(published.outputs == ["out": contents.digest])
    }

    @Test("Long and accented names survive")
    func names() throws {
        let long = Array(repeating: String(repeating: "n", count: 60), count: 5)
            .joined(separator: "/")
        let files = [long: "deep", "été/über 文.txt": "accents", "-dash": "d"]
        let out = try temporary.publish([("out", .files, files)])
        let path = try temporary.store.unpacked(try #require(out.outputs["out"]))
        for (name, text) in files {
            #expect(try String(contentsOfFile: path + "/" + name, encoding: .utf8) == text)
        }
    }

    @Test("A link in an output is refused by name")
    func link() throws {
        let directory = try temporary.directory(["a.txt": "a"])
        try FileManager.default.createSymbolicLink(
            atPath: directory + "/b.txt", withDestinationPath: "a.txt")
        let id = try temporary.start()
        let error = #expect(throws: StoreError.self) {
            try temporary.store.publish(
                id, outputs: [.init(name: "out", type: .files, directory: directory)], usage: nil)
        }
        #expect(
            error?.description
                == "\(directory)/b.txt is neither a file nor a directory; outputs may contain "
                + "only these: copy its target instead"
        )
        #expect(temporary.files(temporary.store.layout.objects) == [])
    }

    @Test(
        "A hostile archive is refused and leaves nothing behind",
        arguments: [
            (
                "tar -cf $O --transform s,a.txt,../evil, a.txt b.txt",
                "../evil would be outside of the artifact"
            ),
            (
                "tar -cPf $O --transform s,a.txt,/abs/evil, a.txt",
                "/abs/evil would be outside of the artifact"
            ),
            (
                "ln -s /etc link; tar -cf $O link a.txt",
                "link is neither a file nor a directory"
            ),
            (
                "ln a.txt hard.txt; tar -cf $O a.txt hard.txt",
                "hard.txt is neither a file nor a directory"
            ),
            (
                "mkfifo pipe; tar -cf $O pipe", "pipe is neither a file nor a directory"
            ),
            (
                "tar -cf $O a.txt a.txt b.txt --hard-dereference",
                "a.txt is repeated or does not belong to the artifact"
            ),
            (
                "cp a.txt c.txt; tar -cf $O a.txt c.txt",
                "c.txt is repeated or does not belong to the artifact"
            ),
            ("tar -cf $O a.txt", "b.txt is missing"),
            ("echo more >> a.txt; tar -cf $O a.txt b.txt", "a.txt is longer than 5 bytes"),
            (
                "printf hallo > a.txt; tar -cf $O a.txt b.txt",
                "a.txt has different content than the published file"
            ),
            (
                "head -c 9000000 /dev/zero > a.txt; tar -cf $O a.txt",
                "a.txt is longer than 5 bytes"
            ),
            ("printf garbage > $O", "Unrecognized archive format"),
            (": > $O", "Unrecognized archive format"),
            ("rm $O", "its archive is missing"),
        ])
    func hostile(script: String, problem: String) throws {
        let files = ["a.txt": "hello", "b.txt": "world"]
        let out = try temporary.publish([("out", .files, files)])
        let digest = try #require(out.outputs["out"])
        let object = temporary.store.layout.object(digest)
        try shell("chmod u+w \(object); O=\(object); " + script, in: try temporary.directory(files))
        let error = #expect(throws: StoreError.self) { try temporary.store.unpacked(digest) }
        #expect(error == .corrupt(artifact: digest, object: object, problem: problem))
        #expect(
            try FileManager.default.contentsOfDirectory(
                atPath: temporary.store.layout.cache) == [])
    }

    @Test("A flipped bit anywhere in an archive is noticed")
    func flips() throws {
        let out = try temporary.publish([("out", .files, ["a.txt": "hello world, hello store"])])
        let digest = try #require(out.outputs["out"])
        let object = URL(fileURLWithPath: temporary.store.layout.object(digest))
        let whole = try Data(contentsOf: object)
        try shell("chmod u+w \(object.path)", in: "/")
        for position in whole.indices {
            var damaged = whole
            damaged[position] ^= 0x10
            try damaged.write(to: object)
            do {
                // A bit that only pads may flip without harm: then the content is right.
                let path = try temporary.store.unpacked(digest)
                let text = try String(contentsOfFile: path + "/a.txt", encoding: .utf8)
                #expect(text == "hello world, hello store")
                try LocalFileSystem().remove(path)
            } catch let error as StoreError {
                guard case .corrupt = error else { throw error }
            }
        }
    }

    @Test("A damaged archive is reported with its remedy")
    func remedy() throws {
        let out = try temporary.publish([("out", .files, ["a.txt": "hello"])])
        let digest = try #require(out.outputs["out"])
        let object = temporary.store.layout.object(digest)
        try shell("rm \(object)", in: "/")
        let error = #expect(throws: StoreError.self) { try temporary.store.unpacked(digest) }
        #expect(
            error?.description
                == "artifact \(digest.short) is damaged: its archive is missing; delete "
                + "\(object) and run again: the stage that made it will run again"
        )
    }

    @Test("A shortened file in the cache is unpacked again")
    func shortened() throws {
        let out = try temporary.publish([("out", .files, ["a.txt": "hello"])])
        let digest = try #require(out.outputs["out"])
        let path = try temporary.store.unpacked(digest)
        try shell("chmod u+w .; rm a.txt; printf hel > a.txt", in: path)
        _ = try temporary.store.unpacked(digest)
        #expect(try String(contentsOfFile: path + "/a.txt", encoding: .utf8) == "hello")
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
}
