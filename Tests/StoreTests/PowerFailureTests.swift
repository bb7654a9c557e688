import Files
import Foundation
import GRDB
import Pipeline
import Store
import TestSupport
import Testing

/// The store on a disk that fails. The database is SQLite's and is taken to keep what it committed.
@Suite("Power failures", .timeLimit(.minutes(10)))
final class PowerFailureTests {
    typealias Work = CrashScenario.Work

    private let temporary: TemporaryDirectory
    private var directory: String { temporary.path }

    init() throws { temporary = try TemporaryDirectory() }

    /// What takes some sectors, even packed, and has no zero bytes.
    private static func noise(_ length: Int, seed: UInt64) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        return (0..<length).map { _ in UInt8.random(in: 1...255, using: &random) }
    }

    private func output(_ name: String, _ files: [String: [UInt8]]) throws -> OutputDirectory {
        let path = directory + "/" + UUID().uuidString
        for (name, bytes) in files {
            let file = URL(fileURLWithPath: path + "/" + name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: file)
        }
        let type: ArtifactType = files["questions.jsonl"] == nil ? .files : .questions
        return OutputDirectory(name: name, type: type, directory: path)
    }

    private var questions: [UInt8] {
        Array(
            (0..<20).map {
                #"{"id":"q-\#($0)","task":"t","text":"\#($0) + 1","answer":"x","level":1,"split":"train","source":"s"}"#
                    + "\n"
            }.joined().utf8)
    }

    private struct Works {
        let model: Work
        let same: Work
        let questions: Work
        let resumed: Work
        var all: [Work] { [model, same, questions, resumed] }
    }

    private func works() throws -> Works {
        let weights = [
            "weights": Self.noise(4000, seed: 1), "config/a.json": Self.noise(40, seed: 2),
        ]
        return Works(
            model: Work("model", [try output("model", weights)]),
            same: Work("same", [try output("copy", weights), try output("copy2", weights)]),
            questions: Work(
                "questions",
                [
                    try output("questions", ["questions.jsonl": questions]),
                    try output("more", ["more": Self.noise(2500, seed: 3)]),
                ], records: 20),
            resumed: Work("resumed", [try output("late", ["late": Self.noise(3000, seed: 4)])]))
    }

    /// Everything that is done with a store.
    private func use(_ scenario: CrashScenario, _ works: Works) throws {
        let model = try scenario.publish(works.model)
        _ = try scenario.read(try #require(model["model"]))
        try scenario.publish(works.same)
        try scenario.publish(works.questions)
        try scenario.interrupt(works.resumed)
        try scenario.publish(works.resumed)
        try scenario.publish(works.model, again: true)
        try scenario.collect()
    }

    /// The crashed store is opened again and everything asked of it once more: the same artifacts must
    /// come of it, with the right content, and two hours later nothing of the crash must be left.
    private func recover(
        _ crash: CrashScenario.Crash, _ works: Works, expecting artifacts: [[String: Digest]]
    ) throws {
        let scenario = try CrashScenario(
            disk: crash.disk, database: crash.database, boot: 2, later: 7200)
        let found = try works.all.map { try scenario.publish($0) }
        #expect(found == artifacts, "after \(crash.changes) changes")
        for (work, artifacts) in zip(works.all, found) {
            for output in work.outputs {
                let files = try scenario.read(try #require(artifacts[output.name]))
                for (name, bytes) in files {
                    let original = URL(fileURLWithPath: output.directory + "/" + name)
                    #expect(try Data(contentsOf: original) == Data(bytes))
                }
                #expect(!files.isEmpty)
            }
        }
        // The next run begins with this.
        _ = try scenario.store.registered()
        let left = scenario.files.current.disk.files.keys.filter { $0.contains(".new-") }
        #expect(left == [], "after \(crash.changes) changes")
    }

    @Test(
        "After a power failure at any moment nothing published is lost, and work continues")
    func everyMoment() throws {
        let works = try works()
        let scenario = try CrashScenario()
        try use(scenario, works)
        let artifacts = try works.all.map { try scenario.publish($0) }
        var seen: Set<Int> = []
        var recovered = 0
        var looked = 0
        try scenario.crashes(samples: 100, seed: 1, seen: &seen, expecting: works.all) { crash in
            #expect(crash.violations == [], "after \(crash.changes) changes")
            looked += 1
            guard looked % 60 == 0 else { return }
            try recover(crash, works, expecting: artifacts)
            recovered += 1
        }
        print(
            "power failures: \(seen.count) different ones over \(scenario.files.current.log.count)"
                + " changes of files, \(recovered) recovered from")
        #expect(seen.count >= 10_000)
        #expect(recovered >= 150)
    }

    @Test("A process that was killed leaves its names in memory; then its successor loses power")
    func killedFirst() throws {
        let works = try works()
        let first = try CrashScenario()
        try first.publish(works.questions)
        let artifacts = [try first.publish(works.model)]
        let whole = first.files.current
        var seen: Set<Int> = []
        var kills = 0
        for changes in 0...whole.log.count {
            let state = whole.truncated(to: changes)
            for moment in first.moments(changes) {
                kills += 1
                let second = try CrashScenario(
                    database: moment.database, boot: 2, resuming: state)
                let found = [try second.publish(works.model)]
                #expect(found == artifacts)
                try second.crashes(
                    from: changes, samples: 4, seed: UInt64(changes), seen: &seen,
                    expecting: [works.model, works.questions]
                ) { crash in
                    #expect(crash.violations == [], "killed after \(changes) changes")
                }
            }
        }
        print("kills, then power failures: \(kills) kills, \(seen.count) different failures")
        #expect(seen.count > 1000)
    }

    @Test(
        "Every mutant that omits or misplaces one operation is detected",
        arguments: SimulatedFileSystem.Mutant.allCases)
    func mutants(mutant: SimulatedFileSystem.Mutant) throws {
        let works = try works()
        let scenario = try CrashScenario(mutant: mutant)
        if mutant == .triesFailedSynchronizationAgain {
            // The first synchronization of all.
            scenario.files.failNextSynchronization()
        }
        try use(scenario, works)
        var seen: Set<Int> = []
        var found: [String: Int] = [:]
        try scenario.crashes(samples: 4, seed: 2, seen: &seen, expecting: works.all) { crash in
            for violation in Set(crash.violations) { found[violation, default: 0] += 1 }
        }
        print("\(mutant): \(found.sorted { $0.key < $1.key }) of \(seen.count)")
        #expect(!found.isEmpty)
    }

    @Test(
        "Whichever call fails, the store stays whole and the work can be done again",
        arguments: [.code(ENOSPC), .code(EIO), .code(EINTR), .short] as [SimulatedFileSystem.Fault])
    func everyCall(fault: SimulatedFileSystem.Fault) throws {
        let works = try works()
        let scenario = try CrashScenario()
        var calls = 0
        var failures = 0
        while true {
            let work = Work(
                "attempt \(calls)",
                [
                    try output("a", ["a": Self.noise(1500, seed: UInt64(calls))]),
                    try output("b", ["b/b": Self.noise(700, seed: UInt64(calls) + 1000)]),
                ])
            let before = scenario.files.current.calls
            scenario.files.fail(after: calls, fault)
            do {
                try scenario.publish(work)
            } catch StoreError.file(_, let path, let code) {
                failures += 1
                #expect(fault == .code(code))
                #expect(!path.isEmpty)
                let left = scenario.files.current.disk.files.keys.filter { $0.contains(".new-") }
                // What could not be removed because that failed stays, and is swept.
                #expect(left.count <= 1)
            }
            let isOver = scenario.files.current.calls <= before + calls
            let outputs = try scenario.publish(work)
            for output in work.outputs {
                #expect(try scenario.read(try #require(outputs[output.name])).count == 1)
            }
            if isOver { break }
            calls += 1
        }
        var seen: Set<Int> = []
        try scenario.crashes(samples: 1, seed: 3, seen: &seen, expecting: works.all) { crash in
            #expect(crash.violations == [], "after \(crash.changes) changes")
        }
        print("\(fault) at each of \(calls) calls: \(failures) publications failed")
        #expect(calls > 25)
        switch fault {
        case .short: #expect(failures == 0)
        case .code: #expect(failures > 15)
        }
    }
}
