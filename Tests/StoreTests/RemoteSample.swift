import Files
import Foundation
import Pipeline
import Store
import Synchronization
import TestSupport
import Testing

/// A store with a run of two stages, questions and traces of them, and an empty store that needs their results.
final class RemoteSample {
    let source: SmallStore
    let target: SmallStore
    private let temporary: TemporaryDirectory
    private let warnings = Texts()

    /// Texts that several tasks add.
    private final class Texts: Sendable {
        let all = Mutex<[String]>([])
    }

    /// The directory of the shared cache.
    var directory: String { temporary.path }

    init() throws {
        source = try SmallStore(filled: false)
        target = try SmallStore(filled: false)
        temporary = try TemporaryDirectory()
        try Self.fill(source)
    }

    private static let questions =
        #"{"id":"q","task":"t","text":"1 2 : 3","answer":"1 + 2","level":1,"split":"train","source":"g"}"#
        + "\n"

    /// Adds the run to a store. The cache key of the traces does not depend on their text.
    @discardableResult
    static func fill(_ small: SmallStore, trace: String = "1 + 2 = 3") throws -> RunID {
        let run = try small.start("p", ["questions", "traces"])
        let questions = try small.make(
            "questions", of: run, [("train", .questions, ["questions.jsonl": questions])])
        try small.make(
            "traces", of: run, inputs: [questions.edge("questions", "train")],
            [
                (
                    "traces", .traces,
                    [
                        "traces.jsonl":
                            #"{"question":"q","sample":0,"trace":"\#(trace)","ids":[1],"tokens":1,"finish":"stop"}"#
                            + "\n",
                        "noise/bytes.txt": (0..<500).map { "\($0 * 7919 % 1000)\n" }.joined(),
                    ]
                )
            ],
            metrics: [
                .init(name: "loss", step: 1, value: 0.5), .init(name: "loss", step: 2, value: .nan),
            ])
        try small.store.finishRun(run, outcome: .done)
        return run
    }

    /// The cache in its directory, or in another storage.
    func cache(_ storage: (any RemoteStorage)? = nil) -> RemoteCache {
        RemoteCache("team", storage ?? DirectoryRemote(directory)) { [warnings] warning in
            warnings.all.withLock { $0.append("\(warning)") }
        }
    }

    /// The warnings since the last call.
    func takeWarnings() -> [String] {
        warnings.all.withLock { warnings in
            defer { warnings = [] }
            return warnings
        }
    }

    /// Pushes the results of the run.
    @discardableResult
    func push(_ cache: RemoteCache? = nil, from small: SmallStore? = nil) throws
        -> RemoteCache.Pushed
    {
        let store = (small ?? source).store
        return try (cache ?? self.cache()).push(
            store.finishedExecutions(of: RunID(rawValue: 1)), from: store)
    }

    func key(_ stage: String) throws -> Digest {
        try #require(try source.store.stages(named: stage).first?.stage.key)
    }

    /// The digests of the outputs of a stage in a store; empty if it has no result.
    func outputs(_ stage: String, in small: SmallStore) throws -> [String: Digest] {
        try small.store.finishedExecution(key(stage))?.outputs ?? [:]
    }

    /// Fetches the results that the store does not have, in their order. Returns the stages that came.
    func pull(_ cache: RemoteCache? = nil, into store: Store? = nil) throws -> [String] {
        let (cache, store) = (cache ?? self.cache(), store ?? target.store)
        var came: [String] = []
        var edges: [InputEdge] = []
        for (stage, output) in [
            ("questions", StageKind.Output("train", .questions, "")),
            ("traces", .init("traces", .traces, "")),
        ] {
            let text = try #require(try source.store.stages(named: stage).first?.document)
            let document = try #require(KeyDocument(canonical: text))
            let request = RemoteCache.Request(
                document: document, outputs: [output], inputs: edges)
            if try store.finishedExecution(document.key)?.isPresent != true,
                try cache.fetch([request], into: store).keys == [document.key]
            {
                came.append(stage)
            }
            guard let found = try store.finishedExecutions([document.key])[document.key],
                let artifact = found.outputs[output.name]
            else { break }
            edges = [
                InputEdge(
                    name: "questions", position: 0, artifact: artifact, producer: found.id,
                    output: output.name)
            ]
        }
        return came
    }

    /// The path of the manifest of a stage, below the directory of the cache.
    func manifest(_ stage: String) throws -> String { "manifests/\(try key(stage)).json" }

    /// The path of the object of the only output of a stage, below the directory of the cache.
    func object(_ stage: String) throws -> String {
        let text = try String(contentsOfFile: directory + "/" + manifest(stage), encoding: .utf8)
        let digest = try #require(text.firstMatch(of: /"archive":"([0-9a-f]{64})"/)).output.1
        return "objects/\(digest).tar.zst"
    }

    /// Changes the bytes of a file of the cache, as damage would.
    func damage(_ name: String, _ change: (inout Data) -> Void) throws {
        let path = directory + "/" + name
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        change(&data)
        try FileManager.default.removeItem(atPath: path)
        try data.write(to: URL(fileURLWithPath: path))
    }

    /// The files of the cache.
    func files() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: directory)
            .filter { $0.contains("/") }.sorted()
    }
}

/// A storage that counts its calls.
struct CountingStorage: RemoteStorage {
    let storage: any RemoteStorage
    let calls = Calls()

    final class Calls: Sendable {
        let names = Mutex<[String]>([])
        func take() -> [String] {
            names.withLock { names in
                defer { names = [] }
                return names
            }
        }
    }

    private func note(_ name: String) { calls.names.withLock { $0.append(name) } }

    func names(in folder: String) throws(RemoteError) -> Set<String> {
        note("names")
        return try storage.names(in: folder)
    }

    func sizes(of names: [String]) throws(RemoteError) -> [String: Int] {
        note("sizes")
        return try storage.sizes(of: names)
    }

    func fetch(_ names: [String], bytes: Int, to target: String) throws(RemoteError) {
        note("fetch \(names.count)")
        try storage.fetch(names, bytes: bytes, to: target)
    }

    func put(_ names: [String], bytes: Int, from source: String) throws(RemoteError) {
        note("put \(names.count)")
        try storage.put(names, bytes: bytes, from: source)
    }
}
