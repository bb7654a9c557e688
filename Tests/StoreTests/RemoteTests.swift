import Files
import Foundation
import Pipeline
import Store
import TestSupport
import Testing

@Suite("Shared caches", .timeLimit(.minutes(10)))
struct RemoteTests {
    private let sample: RemoteSample

    init() throws { sample = try RemoteSample() }

    @Test("Results go through a directory to another store, where they are marked as imported")
    func roundTrip() async throws {
        let pushed = try sample.push()
        #expect(pushed.new == 2 && pushed.present == 0 && pushed.failed == 0 && pushed.bytes > 0)
        #expect(
            try sample.files()
                == [
                    sample.manifest("questions"), sample.manifest("traces"),
                    sample.object("questions"), sample.object("traces"),
                ].sorted())
        #expect(try sample.pull() == ["questions", "traces"])
        for stage in ["questions", "traces"] {
            let outputs = try sample.outputs(stage, in: sample.target)
            #expect(try outputs == sample.outputs(stage, in: sample.source))
            let key = try sample.key(stage)
            let origin = try #require(try sample.target.store.imports([key])[key])
            #expect(origin.text == "imported from remote team on 2023-11-14")
        }
        let verification = try await Store.verify(
            directory: sample.target.directory, .init(threads: 1))
        #expect(verification.findings == [])
        #expect(verification.records == 2)
        let execution = try #require(
            try sample.target.store.finishedExecution(sample.key("traces")))
        let metrics = try sample.target.store.metrics(execution.id)
        #expect(metrics.map(\.step) == [1, 2] && metrics[0].value == 0.5 && metrics[1].value.isNaN)
        #expect(sample.takeWarnings() == [])
    }

    @Test("What the cache has is neither pushed nor fetched again, whoever made it")
    func again() throws {
        try sample.push()
        let files = try sample.files()
        let again = try sample.push()
        #expect(again.new == 0 && again.present == 2 && again.failed == 0 && again.bytes == 0)
        #expect(try sample.pull() == ["questions", "traces"])
        let rows = try sample.target.rows()
        _ = try sample.pull()
        #expect(try sample.target.rows() == rows)
        // Another store that made the same results at other times.
        let other = try SmallStore(filled: false)
        _ = try other.start("before", [])
        try RemoteSample.fill(other)
        let execution = try #require(try other.store.finishedExecution(sample.key("traces")))
        let pushed = try sample.cache().push([execution.id], from: other.store)
        #expect(pushed.present == 1 && pushed.failed == 0)
        #expect(try sample.files() == files)
        #expect(sample.takeWarnings() == [])
    }

    @Test("A manifest is one line of JSON with this content, and neither logs nor machines")
    func manifest() throws {
        try sample.push()
        let key = try sample.key("traces")
        let stage = try #require(try sample.source.store.stages(named: "traces").first)
        let output = try #require(stage.outputs.first)
        let name = try sample.manifest("traces")
        let text = try String(contentsOfFile: sample.directory + "/" + name, encoding: .utf8)
        let document = try #require(stage.document).replacingOccurrences(of: "\"", with: "\\\"")
        let archive = try sample.object("traces").dropFirst("objects/".count).prefix(64)
        let start = """
            {"cpuSeconds":0.5,"document":"\(document)","finished":"\(stage.stage.finished ?? "")",\
            "format":1,"key":"\(key)",\
            "metrics":[{"name":"loss","steps":[1,2],"values":[0.5,null]}],\
            "outputs":[{"archive":"\(archive)","archiveBytes":\(output.archiveBytes),\
            "artifact":"\(output.artifact)","bytes":\(output.bytes),"directories":1,"files":2,\
            "name":"traces","type":"traces"}],"peakMemory":4096,"sha256":"
            """
        let end = "\",\"started\":\"\(stage.stage.started ?? "")\"}"
        #expect(text.hasPrefix(start), "\(text)")
        #expect(text.dropFirst(start.count + 64) == end + "\n")
        let digest = Digest(of: start + end)
        #expect(text.dropFirst(start.count).prefix(64) == digest.hex)
    }

    @Test("The engine of a result comes with it")
    func engine() async throws {
        let engine = EngineIdentity(name: "vllm", version: "0.32.0", fingerprint: "f")
        let run = try sample.source.start("served", ["a"])
        let made = try sample.source.make(
            "a", of: run, [("files", .files, ["a": "b"])], engine: engine)
        try sample.source.store.finishRun(run, outcome: .done)
        _ = try sample.cache().push([made.execution], from: sample.source.store)
        let text = try #require(try sample.source.store.stages(named: "a").first?.document)
        let document = try #require(KeyDocument(canonical: text))
        let request = RemoteCache.Request(
            document: document, outputs: [.init("files", .files, "")], inputs: [])
        #expect(
            try sample.cache().fetch([request], into: sample.target.store).keys == [document.key])
        let other = try sample.target.start("served", ["a"])
        _ = try sample.target.make("a", of: other, [])
        #expect(try sample.target.store.stages(other).first?.engine == engine)
        #expect(sample.takeWarnings() == [])
    }

    @Test("A missing object is a miss with one warning, and the next push brings it back")
    func missingObject() throws {
        try sample.push()
        let object = try sample.object("traces")
        try FileManager.default.removeItem(atPath: sample.directory + "/" + object)
        let cache = sample.cache()
        #expect(try sample.pull(cache) == ["questions"])
        #expect(try sample.pull(cache) == [])
        let key = try sample.key("traces")
        #expect(
            sample.takeWarnings() == [
                "the remote team lacks \(object), so the result for the key \(key.short) is not used:"
                    + " push it again"
            ])
        let pushed = try sample.push()
        #expect(pushed.present == 2 && pushed.new == 0 && pushed.failed == 0)
        #expect(try sample.pull() == ["traces"])
    }

    @Test(
        "A changed or truncated object is a miss with one warning, and a push does not replace it")
    func damagedObject() throws {
        try sample.push()
        let object = try sample.object("traces")
        let rows = try sample.target.rows()
        let whole = try Data(contentsOf: URL(fileURLWithPath: sample.directory + "/" + object))
        let changes: [((inout Data) -> Void, String?)] = [
            ({ $0[$0.count - 3] ^= 4 }, nil),
            ({ $0 = $0.prefix(40) }, "it has 40 bytes instead of \(whole.count)"),
            ({ $0 = Data() }, "it has 0 bytes instead of \(whole.count)"),
            ({ $0 += [0] }, "it has \(whole.count + 1) bytes instead of \(whole.count)"),
        ]
        #expect(try sample.pull() == ["questions", "traces"])
        for (change, problem) in changes {
            try sample.damage(object) { change(&$0) }
            let other = try SmallStore(filled: false)
            #expect(try sample.pull(into: other.store) == ["questions"])
            let warnings = sample.takeWarnings()
            #expect(warnings.count == 1)
            if let problem {
                let text = Self.damaged(object, problem)
                #expect(warnings == [text])
                let pushed = try sample.push()
                #expect(pushed.present == 1 && pushed.failed == 1)
                #expect(sample.takeWarnings() == [text])
            }
            #expect(try sample.target.rows().count > rows.count)
            try sample.damage(object) { $0 = whole }
        }
    }

    private static func damaged(_ file: String, _ problem: String) -> String {
        "the remote team has a damaged file, which is not used: \(file): \(problem): remove it from the"
            + " remote and push its result again"
    }

    @Test("A manifest that is damaged anywhere is a miss, and the store stays as it was")
    func damagedManifest() throws {
        try sample.push()
        let name = try sample.manifest("questions")
        let path = sample.directory + "/" + name
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let rows = try sample.target.rows()
        var random = SeededRandom(seed: 5)
        for round in 0..<80 {
            try sample.damage(name) { data in
                if round % 4 == 0 {
                    data = data.prefix(Int.random(in: 0..<whole.count, using: &random))
                } else {
                    data[Int.random(in: 0..<whole.count, using: &random)] ^=
                        1 << UInt8.random(in: 0..<8, using: &random)
                }
            }
            #expect(try sample.pull() == [], "\(round)")
            #expect(sample.takeWarnings().count == 1, "\(round)")
            try sample.damage(name) { $0 = whole }
        }
        #expect(try sample.target.rows() == rows)
        #expect(try sample.pull() == ["questions", "traces"])
    }

    @Test("Manifests of another format or of another key are not used, and say so")
    func foreignManifest() throws {
        try sample.push()
        let (name, other) = try (sample.manifest("questions"), sample.manifest("traces"))
        try sample.damage(name) {
            let text = String(decoding: $0, as: UTF8.self)
            $0 = Data(text.replacingOccurrences(of: "\"format\":1", with: "\"format\":2").utf8)
        }
        #expect(try sample.pull() == [])
        #expect(
            sample.takeWarnings() == [
                Self.damaged(name, "it has format 2, which this program does not know")
            ])
        let traces = try Data(contentsOf: URL(fileURLWithPath: sample.directory + "/" + other))
        try sample.damage(name) { $0 = traces }
        #expect(try sample.pull() == [])
        #expect(sample.takeWarnings() == [Self.damaged(name, "it belongs to another key")])
        try sample.damage(name) { $0 = Data("{".utf8) }
        #expect(try sample.pull() == [])
        #expect(sample.takeWarnings() == [Self.damaged(name, "it is not a complete manifest")])
    }

    @Test("Of different results for one key the first stays, and the other is reported")
    func different() throws {
        let other = try SmallStore(filled: false)
        try RemoteSample.fill(other, trace: "another")
        try sample.push()
        let (files, manifest) = try (sample.files(), sample.manifest("traces"))
        let path = sample.directory + "/" + manifest
        let first = try Data(contentsOf: URL(fileURLWithPath: path))
        let pushed = try sample.push(from: other)
        #expect(pushed.new == 0 && pushed.present == 1 && pushed.failed == 1)
        let key = try sample.key("traces")
        #expect(
            sample.takeWarnings() == [
                "the remote team has a different output `traces` for the key \(key.short) (test): it"
                    + " stays, and the result of this store is not pushed"
            ])
        #expect(try sample.files() == files)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == first)
    }

    @Test("A damaged archive of this store is not pushed")
    func damagedSource() throws {
        let digest = try #require(try sample.outputs("traces", in: sample.source)["traces"])
        let archive = sample.source.store.layout.object(digest)
        var data = try Data(contentsOf: URL(fileURLWithPath: archive))
        data[data.count - 3] ^= 4
        try FileManager.default.removeItem(atPath: archive)
        try data.write(to: URL(fileURLWithPath: archive))
        let pushed = try sample.push()
        #expect(pushed.new == 1 && pushed.failed == 1)
        let key = try sample.key("traces")
        #expect(
            sample.takeWarnings() == [
                "the result for the key \(key.short) was not pushed to the remote team: the archive of its"
                    + " output `traces` is damaged: run `vireo verify`"
            ])
        #expect(try sample.files().count == 2)
    }

    @Test("The calls do not grow with the number of results, and manifests are listed once")
    func calls() throws {
        let storage = CountingStorage(storage: DirectoryRemote(sample.directory))
        let cache = sample.cache(storage)
        try sample.push(cache)
        #expect(storage.calls.take() == ["sizes", "put 2", "sizes", "put 2", "sizes"])
        try sample.push(cache)
        #expect(storage.calls.take() == ["sizes", "fetch 2"])
        #expect(try sample.pull(cache) == ["questions", "traces"])
        #expect(storage.calls.take() == ["names", "fetch 1", "fetch 1", "fetch 1", "fetch 1"])
    }

    @Test("A listing from before the push means that nothing is there")
    func staleListing() throws {
        let cache = sample.cache()
        #expect(try sample.pull(cache) == [])
        try sample.push()
        #expect(try sample.pull(cache) == [])
        #expect(sample.takeWarnings() == [])
        #expect(try sample.pull() == ["questions", "traces"])
    }

    @Test("A listed manifest that is gone is a miss without a warning")
    func staleManifest() throws {
        try sample.push()
        let cache = sample.cache()
        #expect(try sample.pull(cache) == ["questions", "traces"])
        let other = try SmallStore(filled: false)
        try FileManager.default.removeItem(
            atPath: sample.directory + "/" + sample.manifest("questions"))
        #expect(try sample.pull(cache, into: other.store) == [])
        #expect(sample.takeWarnings() == [])
    }

    @Test("A directory that does not exist is asked once, and not created")
    func noDirectory() throws {
        let path = sample.directory + "/absent"
        let storage = CountingStorage(storage: DirectoryRemote(path))
        let cache = sample.cache(storage)
        #expect(try sample.pull(cache) == [])
        #expect(try sample.pull(cache) == [])
        let pushed = try sample.push(cache)
        #expect(pushed.failed == 2)
        #expect(storage.calls.take() == ["names"])
        #expect(
            sample.takeWarnings() == [
                "the remote team cannot be used and is not asked again: there is no directory \(path):"
                    + " create or mount it"
            ])
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("A store that does not use imported results fetches nothing")
    func unused() throws {
        try sample.push()
        let store = try Store.open(
            directory: sample.target.root + "/other", mode: .readWrite, usesImported: false)
        #expect(try sample.pull(into: store) == [])
        try store.close()
    }

    @Test("A file of a directory has its name only when it is complete, and the first one stays")
    func links() throws {
        let files = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: files.file("objects"), withIntermediateDirectories: true)
        _ = try files.write("complete", to: "objects/x")
        let target = sample.directory + "/objects/x"
        let remote = DirectoryRemote(sample.directory) { temporary in
            #expect(!FileManager.default.fileExists(atPath: target))
            #expect((try? String(contentsOfFile: temporary, encoding: .utf8)) == "complete")
            // Another process is faster.
            #expect(FileManager.default.createFile(atPath: target, contents: Data("first".utf8)))
        }
        try remote.put(["objects/x"], bytes: 8, from: files.path)
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "first")
        #expect(try sample.files() == ["objects/x"])
        #expect(try remote.sizes(of: ["objects/x", "objects/y"]) == ["objects/x": 5])
        #expect(try remote.names(in: "objects") == ["x"])
        #expect(try remote.names(in: "none") == [])
    }

    @Test("A symbolic link in a cache is not followed")
    func symbolicLink() throws {
        try sample.push()
        let object = sample.directory + "/" + (try sample.object("questions"))
        try FileManager.default.moveItem(atPath: object, toPath: object + ".old")
        try FileManager.default.createSymbolicLink(
            atPath: object, withDestinationPath: object + ".old")
        #expect(try sample.pull() == [])
        #expect(sample.takeWarnings().count == 1)
    }
}
