import Execution
import Foundation
import Pipeline
import Store
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct MetricLogTests {
    private let temporary: TemporaryDirectory
    private var directory: String { temporary.path }

    init() throws {
        temporary = try TemporaryDirectory()
    }

    private func tell(_ log: inout MetricLog, _ points: (Int, Double)...) {
        for (step, value) in points {
            var line: [UInt8] = []
            StageEvent.metric(name: "loss", step: step, value: value).append(to: &line)
            line.withUnsafeBytes { log.append($0) }
        }
    }

    /// Steps and values of a batch.
    private func points(_ batch: MetricBatch) -> [[Double]] {
        batch.all.map { [Double($0.step), $0.value] }
    }

    @Test("The last engine of all attempts is known")
    func engine() throws {
        #expect(MetricLog.engine(directory: directory) == nil)
        for fingerprint in ["a", "b"] {
            var log = try MetricLog(directory: directory)
            tell(&log, (1, 0.5))
            var line: [UInt8] = []
            let engine = EngineIdentity(name: "vllm", version: "1", fingerprint: fingerprint)
            StageEvent.engine(engine).append(to: &line)
            line.withUnsafeBytes { log.append($0) }
            tell(&log, (2, 0.25))
            #expect(MetricLog.engine(directory: directory) == engine)
        }
        #expect(points(MetricLog.lastAttempt(directory: directory)) == [[1, 0.5], [2, 0.25]])
    }

    @Test("An attempt that resumes keeps the earlier metrics up to its step")
    func resuming() throws {
        var first = try MetricLog(directory: directory)
        tell(&first, (1, 0.5), (2, 0.25), (3, 9))
        let second = try MetricLog(directory: directory)
        #expect(points(second.resume(from: 2)) == [[1, 0.5], [2, 0.25]])
    }

    @Test("Metrics after the step from which the next attempt resumed do not come back")
    func cutBack() throws {
        var first = try MetricLog(directory: directory)
        tell(&first, (1, 0.5), (3, 7), (4, 8))
        var second = try MetricLog(directory: directory)
        #expect(points(second.resume(from: 2)) == [[1, 0.5]])
        tell(&second, (5, 0.125))
        let third = try MetricLog(directory: directory)
        #expect(points(third.resume(from: 5)) == [[1, 0.5], [5, 0.125]])
    }

    @Test("An attempt that starts over discards earlier metrics")
    func startingOver() throws {
        var first = try MetricLog(directory: directory)
        tell(&first, (1, 1), (2, 1), (3, 1))
        var second = try MetricLog(directory: directory)
        tell(&second, (1, 2), (3, 2))
        #expect(points(MetricLog.lastAttempt(directory: directory)) == [[1, 2], [3, 2]])
        let third = try MetricLog(directory: directory)
        #expect(points(third.resume(from: 3)) == [[1, 2], [3, 2]])
    }

    @Test(
        "An attempt that ended before the step that the next one goes on from takes nothing away",
        arguments: [true, false])
    func early(saves: Bool) throws {
        var first = try MetricLog(directory: directory)
        tell(&first, (0, 0), (1, 1), (2, 2))
        if saves { save(&first, 1) }
        // It saved step 3 as well, but ended before it could say so.
        tell(&first, (3, 3))
        var second = try MetricLog(directory: directory)
        tell(&second, (0, 8))
        var third = try MetricLog(directory: directory)
        tell(&third, (0, 9))
        #expect(points(third.resume(from: 3)) == [[0, 0], [1, 1], [2, 2], [3, 3], [0, 9]])
    }

    @Test("A line that was cut off is no point, and does not spoil the next one")
    func tornLine() throws {
        var first = try MetricLog(directory: directory)
        tell(&first, (1, 0.5))
        let path = directory + "/metrics.jsonl"
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data(#"{"metric":{"name":"loss","st"#.utf8))
        try file.close()
        var second = try MetricLog(directory: directory)
        tell(&second, (2, 0.25))
        #expect(points(second.resume(from: 2)) == [[1, 0.5], [2, 0.25]])
    }

    @Test("A log as long as many pieces is read whole")
    func longLog() throws {
        var log = try MetricLog(directory: directory)
        for step in 1...60_000 { tell(&log, (step, Double(step) / 7)) }
        let points = MetricLog.lastAttempt(directory: directory).all
        #expect(points.map(\.step) == Array(1...60_000))
        #expect(points.allSatisfy { $0.value == Double($0.step) / 7 })
    }

    @Test("Without a log there are no points")
    func noLog() {
        #expect(MetricLog.lastAttempt(directory: directory + "/none").isEmpty)
    }

    private func save(_ log: inout MetricLog, _ step: Int) {
        WorkerMessage.event(.checkpoint(step: step)).line.withUnsafeBytes { log.append($0) }
    }

    @Test("An attempt that ends before it resumes hands on what it found")
    func endedBeforeResuming() throws {
        var first = try MetricLog(directory: directory)
        tell(&first, (1, 0.5), (2, 0.25))
        save(&first, 2)
        tell(&first, (3, 9))
        _ = try MetricLog(directory: directory)
        // One more tells something before it would resume.
        var third = try MetricLog(directory: directory)
        tell(&third, (0, 7))
        let last = try MetricLog(directory: directory)
        #expect(points(last.resume(from: 2)) == [[1, 0.5], [2, 0.25]])
    }

    @Test("Metrics of an attempt that started over and saved replace earlier ones")
    func startedOverAndSaved() throws {
        var first = try MetricLog(directory: directory)
        tell(&first, (1, 1), (2, 1))
        save(&first, 2)
        var second = try MetricLog(directory: directory)
        save(&second, 4)
        _ = try MetricLog(directory: directory)
        let last = try MetricLog(directory: directory)
        #expect(points(last.resume(from: 4)) == [])
    }
}
