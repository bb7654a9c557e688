import Files
import Foundation
import GRDB
import Pipeline
import Store
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct CollectionTests {
    private let small: SmallStore

    init() throws { small = try SmallStore(filled: false) }

    private func age(_ path: String) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_600_000_000)], ofItemAtPath: path)
    }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private func files(_ text: String) -> [(
        name: String, type: ArtifactType, files: [String: String]
    )] {
        [("out", .files, ["a": text])]
    }

    private func verify() async throws -> Verification {
        try await Store.verify(directory: small.directory, .init(threads: 1))
    }

    @Test("Nothing goes from a store without leftovers, as long as all runs are kept")
    func nothing() async throws {
        let run = try small.start("p", ["a"])
        let made = try small.make("a", of: run, files("x"))
        try small.store.finishRun(run, outcome: .done)
        #expect(try small.store.collect(.init()) == Reclamation())
        #expect(exists(small.store.layout.object(made.outputs["out"]!)))
    }

    @Test("Removed runs take with them the data that only they need, and nothing else")
    func keepLast() async throws {
        let first = try small.start("p", ["a", "b"])
        let shared = try small.make("a", of: first, files("shared"))
        let old = try small.make(
            "b", of: first, inputs: [shared.edge("in", "out")], options: ["n": .integer(1)],
            files("old"))
        try small.store.finishRun(first, outcome: .done)
        let second = try small.start("p", ["a", "b"])
        try small.make("a", of: second, files("shared"))
        let new = try small.make(
            "b", of: second, inputs: [shared.edge("in", "out")], options: ["n": .integer(2)],
            files("new"))
        try small.store.finishRun(second, outcome: .done)
        let dry = try small.store.collect(.init(keptRuns: 1, isDryRun: true))
        #expect(exists(small.store.layout.object(old.outputs["out"]!)))
        let result = try small.store.collect(.init(keptRuns: 1))
        #expect(result == dry)
        #expect(result.runs.map(\.id) == [first])
        #expect(result.amounts[.executions]?.count == 1)
        #expect(result.amounts[.archives]?.count == 1)
        #expect(!exists(small.store.layout.object(old.outputs["out"]!)))
        #expect(exists(small.store.layout.object(shared.outputs["out"]!)))
        #expect(exists(small.store.layout.object(new.outputs["out"]!)))
        #expect(try await verify().findings == [])
    }

    @Test("Each pipeline keeps its own latest runs, and younger ones are not forgotten")
    func age() throws {
        for pipeline in ["p", "q", "p", "q", "p"] {
            let run = try small.start(pipeline, [])
            try small.store.finishRun(run, outcome: .done)
        }
        #expect(try small.store.collect(.init(keptRuns: 1, age: 3600)).runs == [])
        #expect(
            try small.store.collect(.init(keptRuns: 1)).runs.map(\.id.rawValue) == [1, 2, 3])
        #expect(try small.store.runs().map(\.id.rawValue) == [5, 4])
    }

    @Test("The latest finished run of a pipeline stays with the latest, which may have failed")
    func finishedStays() throws {
        for outcome in [RunOutcome.done, .done, .failed, .cancelled, .failed] {
            let run = try small.start("p", [])
            try small.store.finishRun(run, outcome: outcome)
        }
        #expect(try small.store.collect(.init(keptRuns: 1)).runs.map(\.id.rawValue) == [1, 3, 4])
        #expect(try small.store.runs().map(\.id.rawValue) == [5, 2])
    }

    @Test("Leftovers of an interrupted process are removed after an hour")
    func leftovers() throws {
        let layout = small.store.layout
        let digest = Digest(of: "orphan")
        let paths = [
            layout.objects + "/.new-1", layout.object(digest), layout.cache + "/.new-2/file",
            layout.work(digest) + "/half",
        ]
        for path in paths {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true)
            try Data("left".utf8).write(to: URL(fileURLWithPath: path))
            // The store's clock is behind: these are from its future.
        }
        let young = try small.store.collect(.init())
        #expect(young.amounts[.archives] == nil)
        #expect(young.amounts[.temporary] == nil)
        #expect(young.amounts[.work]?.count == 1)
        #expect(
            young.remarks == [
                "1 archives without a row are less than an hour old and are kept for now"
            ])
        for path in [paths[0], paths[1], layout.cache + "/.new-2"] { try age(path) }
        let old = try small.store.collect(.init())
        #expect(old.amounts[.archives] == .init(count: 1, bytes: 4))
        #expect(old.amounts[.temporary] == .init(count: 2, bytes: 8))
        for path in paths { #expect(!exists(path)) }
    }

    @Test("Of ended attempts the log stays, and checkpoints as long as the key has no answer")
    func attempts() throws {
        let run = try small.start("p", ["done", "failed"])
        let made = try small.make("done", of: run, files("x"))
        let key = try #require(
            try small.store.stages(named: "done").first?.stage.key)
        let other = Digest(of: "{}")
        let claim = try small.store.claim(
            other, document: "{}", kind: "test", inputs: [], for: "failed", of: run, reason: "new",
            again: false)
        guard case .started(let id, _) = claim else { throw StoreError.leaseLost }
        for digest in [key, other] {
            for name in ["attempt-1/out", "checkpoint-5", "log-1.txt"] {
                let path = small.store.layout.work(digest) + "/" + name
                try FileManager.default.createDirectory(
                    atPath: (path as NSString).deletingLastPathComponent,
                    withIntermediateDirectories: true)
                try Data("12345".utf8).write(to: URL(fileURLWithPath: path))
            }
        }
        #expect(try small.store.collect(.init()).amounts[.attempts]?.count == 2)
        func names(_ key: Digest) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: small.store.layout.work(key))
                .sorted()
        }
        #expect(try names(key) == ["log-1.txt"])
        #expect(try names(other) == ["attempt-1", "checkpoint-5", "log-1.txt"])
        try small.store.fail(id, error: "no", usage: nil)
        #expect(try small.store.collect(.init()).amounts[.attempts]?.count == 1)
        #expect(try names(other) == ["checkpoint-5", "log-1.txt"])
        _ = made
    }

    @Test("The scores of tokens and the times of metrics go with their execution")
    func rows() throws {
        let small = try SmallStore()
        func count() throws -> [Int] {
            try ["token_score", "metric_clock"].map { table in
                try small.rows().count { $0.hasPrefix("\(table): ") }
            }
        }
        #expect(try count() == [24, 60])
        _ = try small.store.collect(.init(keptRuns: 0))
        #expect(try count() == [0, 0])
    }

    @Test("What runs stays with all it reads, even if every run is to be forgotten")
    func lease() throws {
        let first = try small.start("p", ["a"])
        let made = try small.make("a", of: first, files("input"))
        try small.store.finishRun(first, outcome: .done)
        let second = try small.start("p", ["b"])
        let edge = made.edge("in", "out")
        _ = try small.store.claim(
            Digest(of: "k"), document: "{}", kind: "test", inputs: [edge], for: "b", of: second,
            reason: "new", again: false)
        let path = try small.store.unpacked(edge.artifact)
        let result = try small.store.collect(.init(keptRuns: 0))
        #expect(result.runs.map(\.id) == [first])
        #expect(result.amounts[.executions] == nil)
        #expect(exists(path + "/a"))
        #expect(exists(small.store.layout.object(edge.artifact)))
        try small.store.finishRun(second, outcome: .cancelled)
    }

    @Test("Unpacked directories that nothing reads go, and come back when asked for")
    func unpacked() throws {
        let run = try small.start("p", ["a"])
        let made = try small.make("a", of: run, files("x"))
        let path = try small.store.unpacked(made.outputs["out"]!)
        #expect(try small.store.collect(.init()).amounts[.unpacked] == .init(count: 1, bytes: 1))
        #expect(!exists(path))
        #expect(try small.store.unpacked(made.outputs["out"]!) == path)
        #expect(exists(path + "/a"))
    }

    @Test("A collection that was killed between rows and files is finished by the next")
    func killed() async throws {
        let run = try small.start("p", ["a"])
        let made = try small.make("a", of: run, files("x"))
        try small.store.finishRun(run, outcome: .done)
        let object = small.store.layout.object(made.outputs["out"]!)
        let copy = small.root + "/copy"
        try FileManager.default.copyItem(atPath: object, toPath: copy)
        try small.store.close()
        try small.reopen()
        _ = try small.store.collect(.init(keptRuns: 0))
        try FileManager.default.createDirectory(
            atPath: (object as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: copy, toPath: object)
        let verification = try await verify()
        #expect(verification.findings == [])
        #expect(verification.leftovers == [object])
        try age(object)
        #expect(try small.store.collect(.init()).amounts[.archives]?.count == 1)
        #expect(!exists(object))
    }

    @Test("The kept data are those that a plain search along lineage reaches", arguments: 0..<12)
    func reachability(seed: Int) async throws {
        var random = SeededRandom(seed: UInt64(seed))
        var reads: [Int64: Set<Int64>] = [:]
        var artifacts: [Int64: Digest] = [:]
        var runs: [(id: RunID, pipeline: String, uses: Set<Int64>)] = []
        var made: [SmallStore.Made] = []
        for number in 0..<8 {
            let pipeline = ["p", "q"].randomElement(using: &random)!
            let count = Int.random(in: 1...3, using: &random)
            let run = try small.start(pipeline, (0..<count).map { "s\($0)" })
            var uses: Set<Int64> = []
            for stage in 0..<count {
                let inputs = made.shuffled(using: &random)
                    .prefix(Int.random(in: 0...2, using: &random))
                let result = try small.make(
                    "s\(stage)", of: run,
                    inputs: inputs.enumerated().map { $1.edge("in", "out", position: $0) },
                    options: ["n": .integer(Int.random(in: 0..<3, using: &random))],
                    files("\(Int.random(in: 0..<4, using: &random))"))
                made.append(result)
                uses.insert(result.execution.rawValue)
                if reads[result.execution.rawValue] == nil {
                    reads[result.execution.rawValue] = Set(inputs.map(\.execution.rawValue))
                }
                artifacts[result.execution.rawValue] = result.outputs["out"]
            }
            if number < 7 { try small.store.finishRun(run, outcome: .done) }
            runs.append((run, pipeline, uses))
        }
        let kept = Int.random(in: 0...2, using: &random)
        _ = try small.store.collect(.init(keptRuns: kept))

        var expected: Set<Int64> = []
        var pending: [Int64] = []
        for (place, run) in runs.enumerated() {
            let later = runs[(place + 1)...].filter { $0.pipeline == run.pipeline }
            // The last one runs, so the latest finished run may stand before it.
            let isLastFinished = kept > 0 && !later.contains { $0.id != runs[7].id }
            if later.count < kept || isLastFinished || place == 7 { pending += run.uses }
        }
        while let next = pending.popLast() {
            if expected.insert(next).inserted { pending += reads[next] ?? [] }
        }
        let rows = try await DatabaseQueue(path: small.directory + "/vireo.db").read {
            try Set(Int64.fetchAll($0, sql: "SELECT id FROM execution"))
        }
        #expect(rows == expected)
        let objects = Set(expected.compactMap { artifacts[$0] })
        for artifact in Set(artifacts.values) {
            #expect(exists(small.store.layout.object(artifact)) == objects.contains(artifact))
        }
        #expect(try await verify().findings == [])
    }

    /// Collects over and over, until it is told to stop or cancelled; returns how many archives went.
    private static func collect(in store: Store, until isOver: Flag) async throws -> Int {
        var gone = 0
        while !isOver.value.load(ordering: .relaxed), !Task.isCancelled {
            gone += try store.collect(.init(keptRuns: 0)).amounts[.archives]?.count ?? 0
            await Task.yield()
        }
        return gone
    }

    @Test("Collecting and publishing at the same time leave a sound store")
    func race() async throws {
        let directory = small.directory
        let other = try Store.open(directory: directory, mode: .readWrite)
        let isOver = Flag()
        async let collecting = Self.collect(in: other, until: isOver)
        for round in 0..<60 {
            let run = try small.start("p", ["a", "b"])
            let first = try small.make("a", of: run, files("\(round % 2)"))
            try small.make(
                "b", of: run, inputs: [first.edge("in", "out")],
                options: ["n": .integer(round % 3)], files("\(round % 2)"))
            try small.store.finishRun(run, outcome: .done)
            await Task.yield()
        }
        isOver.value.store(true, ordering: .relaxed)
        #expect(try await collecting > 0)
        try other.close()
        #expect(try await verify().findings == [])
    }

    @Test("Numbers of runs and executions are never reused")
    func numbers() throws {
        let run = try small.start("p", ["a"])
        let made = try small.make("a", of: run, files("x"))
        try small.store.finishRun(run, outcome: .done)
        try small.store.close()
        try small.reopen()
        _ = try small.store.collect(.init(keptRuns: 0))
        let next = try small.start("p", ["a"])
        #expect(next.rawValue > run.rawValue)
        let again = try small.make("a", of: next, files("x"))
        #expect(again.execution.rawValue > made.execution.rawValue)
    }

    @Test("A run whose result is reused becomes the latest run and is kept as such")
    func uses() throws {
        var runs: [RunID] = []
        for n in 0..<3 {
            let run = try small.start("p", ["a"])
            try small.make("a", of: run, options: ["n": .integer(n)], files("\(n)"))
            try small.store.finishRun(run, outcome: .done)
            runs.append(run)
        }
        try small.store.close()
        try small.reopen()
        #expect(try small.store.isLatestUse(runs[0]) == false)
        #expect(try small.store.recordUse(of: runs[0]))
        #expect(try small.store.isLatestUse(runs[0]))
        #expect(try small.store.runs().map(\.id) == [runs[0], runs[2], runs[1]])
        #expect(try small.store.stages(named: "a").first?.stage.run == runs[0])
        #expect(
            try small.store.latestOutputs(ofStage: "a")
                == small.store.latestOutputs(ofStage: "a", run: runs[0]))
        let result = try small.store.collect(.init(keptRuns: 1))
        #expect(result.runs.map(\.id) == [runs[1], runs[2]])
        #expect(result.runs.map(\.pipeline) == ["p", "p"])
        #expect(try small.store.recordUse(of: runs[1]) == false)
    }

    @Test(
        "What a living process writes stays whatever the clock says, and what a dead one left goes")
    func temporaries() throws {
        let layout = small.store.layout
        var dead = HostClock.current.identity
        dead.start += 1
        let paths = [HostClock.current.identity, dead].map { identity in
            [
                String(identity.boot.filter { $0.isLetter || $0.isNumber }.prefix(12)),
                identity.namespace.filter(\.isNumber), "\(identity.process)", "\(identity.start)",
                UUID().uuidString,
            ].joined(separator: "-")
        }.map { layout.objects + "/.new-" + $0 }
        for path in paths { try Data("left".utf8).write(to: URL(fileURLWithPath: path)) }
        try age(paths[0])
        #expect(try small.store.collect(.init()).amounts[.temporary]?.count == 1)
        #expect(exists(paths[0]))
        #expect(!exists(paths[1]))
    }

    @Test(
        "Leftovers with names that are not UTF-8, long paths or without permissions are removed too"
    )
    func stubbornFiles() throws {
        let top = small.root + "/tree"
        try FileManager.default.createDirectory(
            atPath: top + "/closed/inner", withIntermediateDirectories: true)
        #expect(mkdir([UInt8](top.utf8).map(CChar.init) + [47, -23, 0], 0o755) == 0)
        #expect(symlink("/", top + "/closed/link") == 0)
        chmod(top + "/closed", 0)
        var directory = open(top, O_RDONLY | O_DIRECTORY)
        let name = String(repeating: "d", count: 200)
        for _ in 0..<60 {
            #expect(mkdirat(directory, name, 0o755) == 0)
            let next = openat(directory, name, O_RDONLY | O_DIRECTORY)
            close(directory)
            directory = next
        }
        close(openat(directory, "file", O_WRONLY | O_CREAT, 0o644))
        close(directory)
        try TreeRemoval.remove(top)
        #expect(!exists(top))
    }
}
