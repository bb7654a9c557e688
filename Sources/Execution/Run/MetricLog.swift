import Files
import Foundation
import Glibc
import Pipeline
import Store

/// The metrics of a stage in its work directory. An attempt that resumes reports them again up to the step where it
/// resumes, so that no point is lost even if earlier attempts were killed. A point is in the file as soon as it is
/// reported. The file is append-only: one line marks the start of an attempt, others its checkpoints and its engine, and
/// the line of a resumption discards later points of the earlier attempts.
package struct MetricLog: ~Copyable {
    private let file: Int32
    /// Whether the last line is incomplete because a write failed.
    private var isTorn = false

    private static let beginning = Array("{\"attempt\":{}}".utf8)

    /// Starts the log of an attempt.
    package init(directory: String) throws {
        file = try StoreFile.open(Self.path(directory), O_RDWR | O_CREAT | O_APPEND)
        // An incomplete line must not be joined with the next one.
        var last: UInt8 = 10
        let size = lseek(file, 0, SEEK_END)
        isTorn = size > 0 && pread(file, &last, 1, size - 1) == 1 && last != 10
        let line = Self.beginning + [10]
        line.withUnsafeBytes { append($0) }
    }

    deinit { close(file) }

    private static func path(_ directory: String) -> String { directory + "/metrics.jsonl" }

    /// Appends a line with its terminator. A line is in the file before the checkpoint that follows it.
    package mutating func append(_ line: UnsafeRawBufferPointer) {
        if isTorn { isTorn = write(file, "\n", 1) != 1 }
        let count = write(file, line.baseAddress, line.count)
        if count > 0, count < line.count { isTorn = true }
    }

    /// The points that earlier attempts and this one reported up to `step`, where this one resumes.
    package func resume(from step: Int) -> MetricBatch {
        let line = WorkerMessage.event(.resumed(step: step)).line
        line.withUnsafeBytes { _ = write(file, $0.baseAddress, $0.count) }
        return Self.points(of: file)
    }

    /// The points of the last attempt in `directory`, including those taken over from earlier ones; empty if there is
    /// no log.
    package static func lastAttempt(directory: String) -> MetricBatch {
        let file = open(path(directory), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return MetricBatch() }
        defer { close(file) }
        return points(of: file)
    }

    /// The engine that the last attempt with one reported; `nil` if there is none.
    package static func engine(directory: String) -> EngineIdentity? {
        let file = open(path(directory), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var engine: EngineIdentity?
        eachLine(of: file) { line in
            // Almost all lines are metric values.
            guard MetricLine(line) == nil else { return }
            if case .engine(let found) = StageEvent(line: line) { engine = found }
        }
        return engine
    }

    private static func points(of file: Int32) -> MetricBatch {
        var history = History()
        eachLine(of: file) { history.read($0) }
        return history.all
    }

    private static func eachLine(of file: Int32, _ body: (UnsafeRawBufferPointer) -> Void) {
        let lines = LineBuffer()
        var place: off_t = 0
        while true {
            let count = lines.fill(1 << 20) { pread(file, $0.baseAddress, $0.count, place) }
            guard count > 0 else { return }
            place += off_t(count)
            while let line = lines.next() { body(line) }
        }
    }

    /// The result of replaying the log. An attempt that only reported points may have ended before it resumed, or may
    /// have started from scratch; a checkpoint decides. The checkpoint at which an attempt resumes was saved by the
    /// last attempt that reported its step.
    private struct History {
        private struct Attempt {
            var points = MetricBatch()
            var saves: Set<Int> = []
            var isResumed = false
        }

        /// The last attempt that resumed or saved a checkpoint.
        private var saved = Attempt()
        /// The points of later attempts that did neither.
        private var unsaved: [MetricBatch] = []
        private var current = Attempt()

        var all: MetricBatch { current.points }

        mutating func read(_ line: UnsafeRawBufferPointer) {
            if let point = MetricLine(line) {
                current.points.append(name: point.name, step: point.step, value: point.value)
                return
            }
            if line.count == MetricLog.beginning.count, line.elementsEqual(MetricLog.beginning) {
                begin()
                return
            }
            switch StageEvent(line: line) {
            case .metric(let name, let step, let value):
                current.points.append(MetricPoint(name: name, step: step, value: value))
            case .checkpoint(let step): current.saves.insert(step)
            case .resumed(let step): resume(from: step)
            default: break
            }
        }

        private mutating func begin() {
            if current.isResumed || !current.saves.isEmpty {
                saved = current
                unsaved = []
            } else if !current.points.isEmpty {
                unsaved.append(current.points)
            }
            current = Attempt()
        }

        private mutating func resume(from step: Int) {
            // An attempt that did not reach `step` cannot have saved it.
            let started =
                saved.saves.contains(step)
                ? nil
                : unsaved.last { $0.reaches(step) }
                    ?? (saved.points.reaches(step) ? nil : unsaved.last)
            let isSaved = started == nil
            var points = started ?? saved.points
            points.cut(after: step)
            if current.isResumed { points = MetricBatch() }
            points.append(contentsOf: current.points)
            current.points = points
            current.saves.formUnion(saved.saves.filter { isSaved && $0 <= step })
            current.isResumed = true
        }
    }
}
