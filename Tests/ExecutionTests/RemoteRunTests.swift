import Execution
import Files
import Foundation
import Store
import Synchronization
import TestSupport
import Testing

/// Counts the calls of a storage in a directory.
private struct CountedDirectory: RemoteStorage {
    let directory: DirectoryRemote
    let calls: Calls

    final class Calls: Sendable { let count = Mutex(0) }

    private func count() { calls.count.withLock { $0 += 1 } }

    func names(in folder: String) throws(RemoteError) -> Set<String> {
        count()
        return try directory.names(in: folder)
    }

    func sizes(of names: [String]) throws(RemoteError) -> [String: Int] {
        count()
        return try directory.sizes(of: names)
    }

    func fetch(_ names: [String], bytes: Int, to target: String) throws(RemoteError) {
        count()
        try directory.fetch(names, bytes: bytes, to: target)
    }

    func put(_ names: [String], bytes: Int, from source: String) throws(RemoteError) {
        count()
        try directory.put(names, bytes: bytes, from: source)
    }
}

@Suite("Runs with a shared cache", .timeLimit(.minutes(10)))
struct RemoteRunTests {
    private let here: ToyWorker
    private let there: ToyWorker
    private let shared: TemporaryDirectory
    private let calls = CountedDirectory.Calls()
    private let warnings = Warnings()

    private final class Warnings: Sendable { let texts = Mutex<[String]>([]) }

    private let chain = """
        name: toy
        stages:
          first: { uses: make, with: { text: hello } }
          second: { uses: copy, in: { from: first } }
        """

    init() throws {
        here = try ToyWorker()
        there = try ToyWorker()
        shared = try TemporaryDirectory()
    }

    private func cache() -> RemoteCache {
        let storage = CountedDirectory(directory: DirectoryRemote(shared.path), calls: calls)
        return RemoteCache("team", storage) { [warnings] warning in
            warnings.texts.withLock { $0.append("\(warning)") }
        }
    }

    /// Runs a pipeline on the first machine and pushes its results.
    private func share(_ yaml: String) async throws {
        let run = try await here.run(yaml).run
        let store = try here.open()
        let pushed = try cache().push(store.finishedExecutions(of: run), from: store)
        #expect(pushed.failed == 0)
        try store.close()
    }

    private func outputs(_ stage: String, of toy: ToyWorker) throws -> [String: Digest] {
        let store = try toy.open()
        defer { try? store.close() }
        return try store.latestOutputs(ofStage: stage)
    }

    @Test("A second machine fetches what the first one pushed, and computes nothing")
    func roundTrip() async throws {
        try await share(chain)
        let events = Mutex<[RunEvent]>([])
        let summary = try await there.run(chain, remote: cache()) { event in
            events.withLock { $0.append(event) }
        }
        #expect(summary.outcome == .done && summary.ran == 0 && summary.cached == 2)
        #expect(there.ran == [])
        #expect(try there.text("second") == "hello")
        #expect(
            events.withLock { $0 } == [
                .began(stages: ["first", "second"]), .fetched(stage: "first", remote: "team"),
                .fetched(stage: "second", remote: "team"),
            ])
        let store = try there.open()
        #expect(try store.importedStages(of: summary.run) == 2)
        try store.close()
        #expect(warnings.texts.withLock { $0 } == [])
        // Now everything is cached, and the shared cache is not asked.
        calls.count.withLock { $0 = 0 }
        #expect(try await there.run(chain, remote: cache()).cached == 2)
        #expect(calls.count.withLock { $0 } == 0)
    }

    @Test("A damaged object is computed again with the same digest, and the rest is fetched")
    func damaged() async throws {
        try await share(chain)
        let objects = try FileManager.default.contentsOfDirectory(
            atPath: shared.file("objects"))
        // Both stages write the same file, so there is one object.
        #expect(objects.count == 1)
        let path = shared.file("objects/" + objects[0])
        try FileManager.default.removeItem(atPath: path)
        try Data("damaged".utf8).write(to: URL(fileURLWithPath: path))
        let summary = try await there.run(chain, remote: cache())
        #expect(summary.outcome == .done && summary.ran == 1 && summary.cached == 1)
        #expect(there.ran == ["write make"])
        for stage in ["first", "second"] {
            #expect(try outputs(stage, of: there) == outputs(stage, of: here))
        }
        #expect(warnings.texts.withLock { $0.count } == 1)
    }

    @Test("Without the shared cache everything is computed, with one warning")
    func gone() async throws {
        try await share(chain)
        let path = shared.path
        try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
        defer { try? FileManager.default.removeItem(atPath: path + ".away") }
        let summary = try await there.run(chain, remote: cache())
        #expect(summary.outcome == .done && summary.ran == 2)
        #expect(try outputs("second", of: there) == outputs("second", of: here))
        #expect(
            warnings.texts.withLock { $0 } == [
                "the remote team cannot be used and is not asked again: there is no directory \(path):"
                    + " create or mount it"
            ])
    }

    @Test("A forced stage is not fetched")
    func forced() async throws {
        try await share(chain)
        let summary = try await there.run(chain, forced: ["first"], remote: cache())
        #expect(summary.ran == 1 && summary.cached == 1)
        #expect(there.ran == ["write make"])
    }

    @Test("Many stages take as many calls as one")
    func batches() async throws {
        let stages = (0..<20).map { "  s\($0): { uses: make, with: { text: t\($0) } }\n" }
        let names = (0..<20).map { "s\($0)" }.joined(separator: ", ")
        let yaml =
            "name: toy\nstages:\n" + stages.joined()
            + "  all: { uses: copy, in: { from: [\(names)] } }\n"
        try await share(yaml)
        calls.count.withLock { $0 = 0 }
        let summary = try await there.run(yaml, remote: cache())
        #expect(summary.ran == 0 && summary.cached == 21)
        // The listing, and manifests and objects for each of two levels.
        #expect(calls.count.withLock { $0 } == 5)
    }

    @Test("A pull fetches what a plan needs, and says what is missing")
    func pull() async throws {
        let plan = try there.plan(chain)
        let store = try there.open()
        let before = try RemotePull(plan, from: cache(), into: store)
        #expect(before.missing == ["first"] && before.unknown == ["second"])
        try await share(chain)
        let pull = try RemotePull(plan, from: cache(), into: store)
        #expect(pull.fetched == ["first", "second"] && pull.missing == [] && pull.bytes > 0)
        let again = try RemotePull(plan, from: cache(), into: store)
        #expect(again.present == ["first", "second"] && again.fetched == [] && again.bytes == 0)
        try store.close()
        #expect(try await there.run(chain).cached == 2)
        #expect(there.ran == [])
    }
}
