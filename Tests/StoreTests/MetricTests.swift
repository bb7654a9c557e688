import Files
import Foundation
import GRDB
import Migrations
import Pipeline
import Store
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct MetricTests {
    private let temporary: TemporaryStore

    init() throws { temporary = try TemporaryStore() }

    private func batch(_ points: [(String, Int, Double)]) -> MetricBatch {
        var batch = MetricBatch()
        for (name, step, value) in points {
            batch.append(MetricPoint(name: name, step: step, value: value))
        }
        return batch
    }

    @Test("Points of many series come back by name and step; a later one holds")
    func points() throws {
        let id = try temporary.start()
        var batch = batch([("b", 2, 1), ("a", 1, 0.5), ("b", 1, 2), ("a", 1, 0.25)])
        try temporary.store.append(&batch, to: id, checkpoint: 2)
        #expect(batch.isEmpty)
        batch.append(MetricPoint(name: "b", step: 2, value: .infinity))
        batch.append(MetricPoint(name: "c", step: 0, value: 7))
        try temporary.store.append(&batch, to: id)
        #expect(
            try temporary.query("SELECT name, step, value FROM metric ORDER BY 1, 2")
                == ["a|1|0.25", "b|1|2.0", "b|2|inf", "c|0|7.0"])
        #expect(
            try temporary.query("SELECT name, step, value FROM last_metric ORDER BY 1")
                == ["a|1|0.25", "b|2|inf", "c|0|7.0"])
        #expect(try temporary.query("SELECT checkpoint FROM execution") == ["2"])
    }

    @Test("Two names are two series if their bytes differ, though they look alike")
    func spellings() throws {
        let id = try temporary.start()
        var batch = batch([("\u{e9}", 1, 1), ("e\u{301}", 1, 2), ("\u{e9}", 2, 3)])
        try temporary.store.append(&batch, to: id)
        #expect(
            try temporary.query("SELECT hex(name), step, value FROM metric ORDER BY 1, 2")
                == ["65CC81|1|2.0", "C3A9|1|1.0", "C3A9|2|3.0"])
    }

    @Test("A step has the time of its first value, even if its values are written again")
    func times() throws {
        let clock = SmallStore.Counter()
        let temporary = try TemporaryStore(clock: { clock.next() })
        func times() throws -> [String] {
            try temporary.query("SELECT step, time FROM metric_clock ORDER BY step")
        }
        let id = try temporary.start()
        var first = batch([("loss", 1, 9), ("rate", 1, 1), ("loss", 2, 8)])
        try temporary.store.append(&first, to: id)
        let before = try times()
        #expect(before.map { $0.prefix(2) } == ["1|", "2|"])
        #expect(Set(before.map { $0.dropFirst(2) }).count == 1)
        var second = batch([("loss", 2, 7), ("loss", 3, 6), ("rate", 1, 2)])
        try temporary.store.append(&second, to: id)
        let after = try times()
        #expect(after.prefix(2) == before[...])
        #expect(after.count == 3 && after[2].dropFirst(2) > after[1].dropFirst(2))
    }

    @Test("Times are sealed; an execution that an earlier version recorded has none")
    func sealedTimes() async throws {
        func write(_ sql: String) async throws {
            let queue = try DatabaseQueue(path: temporary.directory + "/vireo.db")
            try await queue.write { try $0.execute(sql: sql) }
            try queue.close()
        }
        let (earlier, later) = (try temporary.start(), try temporary.start())
        try await write(
            """
            INSERT INTO series (id, execution, name) VALUES (5, \(earlier.rawValue), 'loss');
            INSERT INTO metric_point VALUES (5, 1, 0.5);
            """)
        var batch = batch([("loss", 1, 1), ("loss", 2, 1)])
        try temporary.store.append(&batch, to: later)
        for id in [earlier, later] { _ = try temporary.store.publish(id, outputs: [], usage: nil) }
        try temporary.store.close()
        func findings() async throws -> [Corruption] {
            try await Store.verify(directory: temporary.directory, .init(threads: 1)).findings
                .map(\.damage)
        }
        #expect(try await findings() == [])
        for change in [
            "UPDATE metric_clock SET step = 3 WHERE step = 2", "DELETE FROM metric_clock",
        ] {
            try await write(change)
            #expect(
                try await findings() == [
                    .execution(later, problem: "its rows do not match its seal")
                ])
        }
    }

    @Test("A batch that could not be written is whole, and can be written later")
    func failure() throws {
        var batch = batch([("a", 1, 1)])
        #expect(throws: StoreError.self) {
            try temporary.store.append(&batch, to: ExecutionID(rawValue: 99))
        }
        #expect(batch.count == 1)
        let id = try temporary.start()
        try temporary.store.append(&batch, to: id)
        #expect(try temporary.query("SELECT name, step FROM metric") == ["a|1"])
    }

    @Test("Series go with their execution")
    func cascade() throws {
        let id = try temporary.start()
        var batch = batch([("a", 1, 1), ("a", 2, 1)])
        try temporary.store.append(&batch, to: id)
        try temporary.store.close()
        try DatabaseQueue(path: temporary.directory + "/vireo.db").write {
            try $0.execute(sql: "DELETE FROM execution")
        }
        #expect(try temporary.query("SELECT count(*) FROM metric_point") == ["0"])
        #expect(try temporary.query("SELECT count(*) FROM series") == ["0"])
        #expect(try temporary.query("SELECT count(*) FROM metric_clock") == ["0"])
    }

    @Test("A point takes no more than 25 bytes")
    func size() throws {
        let id = try temporary.start()
        var batch = MetricBatch()
        for step in 0..<50_000 {
            batch.append(MetricPoint(name: "loss", step: step, value: 1 / Double(step + 3)))
        }
        try temporary.store.append(&batch, to: id)
        let bytes = try DatabaseQueue(path: temporary.directory + "/vireo.db").read {
            try Int.fetchOne(
                $0, sql: "SELECT sum(pgsize) FROM dbstat WHERE name = 'metric_point'")
        }
        #expect(try #require(bytes) <= 25 * 50_000)
    }

    @Test("The metrics of an older store are kept")
    func migration() throws {
        let directory = temporary.root + "/older"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        let older = Migrations.all.prefix { $0.name < "m0004" }
        let database = try DatabaseQueue(path: directory + "/vireo.db")
        try database.write { database in
            try database.execute(
                sql: "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
            for (name, sql) in older {
                try database.execute(sql: sql)
                try database.execute(
                    sql: "INSERT INTO grdb_migrations VALUES (?)", arguments: [name])
            }
            try database.execute(
                sql: """
                    INSERT INTO execution (id, key, kind, document, state, attempt, started, finished)
                    VALUES (5, printf('%064d', 1), 'k', '{}', 'done', 1, 't', 't'),
                        (7, printf('%064d', 2), 'k', '{}', 'done', 1, 't', 't');
                    INSERT INTO metric VALUES (5, 'loss', 1, 0.5), (5, 'loss', 2, NULL),
                        (5, 'rate', 1, 3), (7, 'loss', 1, 9);
                    """)
        }
        try database.close()
        let store = try Store.open(directory: directory, mode: .readWrite)
        let console = try Console(store.layout)
        let rows = try console.run("SELECT * FROM metric ORDER BY execution, name, step").rows
        #expect(
            rows == [
                [.integer(5), .text("loss"), .integer(1), .real(0.5)],
                [.integer(5), .text("loss"), .integer(2), .null],
                [.integer(5), .text("rate"), .integer(1), .real(3)],
                [.integer(7), .text("loss"), .integer(1), .real(9)],
            ])
        try store.close()
    }

    @Test("Every run has the last value of a series")
    func lastValues() throws {
        let store = temporary.store
        let runs = try (0..<3).map { number in
            let run = try store.startRun(
                RunDescription(pipeline: "p", path: "p", source: "", program: "t"),
                stages: ["a", "b"].map { .init(id: $0, name: $0, kind: "k") })
            for (place, stage) in ["a", "b"].enumerated() where number != 2 {
                let id = try temporary.start()
                var batch = batch([
                    ("loss", 1, 9), ("loss", 2, Double(10 * number + place)), ("rate", 5, 1),
                ])
                try store.append(&batch, to: id)
                try store.recordStage(
                    run, stage: stage, outcome: .ran, execution: id, reason: nil)
            }
            return run
        }
        #expect(try store.lastValues(ofMetric: "loss") == [runs[0]: 1, runs[1]: 11])
        #expect(try store.lastValues(ofMetric: "none").isEmpty)
    }

    @Test("A question is searched for in all executions without reading every trace")
    func questionSearch() throws {
        for table in ["trace", "rollout"] {
            let plan = try temporary.query(
                "EXPLAIN QUERY PLAN SELECT * FROM \(table) WHERE question = 'q-1'")
            #expect(plan.joined().contains("(ANY(execution) AND question=?)"))
        }
    }

    @Test("Points that complete an interrupted attempt are sealed with it")
    func completion() async throws {
        let key = Digest(of: "key")
        let store = temporary.store
        let earlier = try temporary.start(key: key)
        try store.close()
        let second = try Store.open(directory: temporary.directory, mode: .readWrite)
        let next = try second.startExecution(key: key, document: "{}", kind: "test", inputs: []).id
        #expect(try second.interruptedExecution(before: next) == earlier)
        var batch = batch([("loss", 1, 1), ("loss", 2, 0.5)])
        try second.complete(earlier, with: &batch, for: next)
        #expect(batch.isEmpty)
        try second.fail(next, error: "over", usage: nil)
        try second.close()
        let result = try await Store.verify(directory: temporary.directory, .init(threads: 1))
        #expect(result.findings == [])
        #expect(try temporary.query("SELECT count(*) FROM metric") == ["2"])
    }

    @Test("Points for an attempt that has ended, or that another process runs, are refused")
    func fencedPoints() throws {
        let id = try temporary.start()
        let other = try Store.open(directory: temporary.directory, mode: .readWrite)
        let foreign = try other.startExecution(
            key: Digest(of: "foreign"), document: "{}", kind: "test", inputs: []
        ).id
        try temporary.store.fail(id, error: "over", usage: nil)
        for execution in [id, foreign] {
            var batch = batch([("loss", 1, 1)])
            #expect(throws: StoreError.leaseLost) {
                try temporary.store.append(&batch, to: execution, checkpoint: 1)
            }
            #expect(batch.count == 1)
        }
        #expect(
            try temporary.query("SELECT count(*), sum(checkpoint) FROM execution, metric") == ["0|"]
        )
    }
}
