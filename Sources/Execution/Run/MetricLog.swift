import Files
import Foundation
import Glibc
import Pipeline
import Store

/// The metrics of a stage so far, in its work directory: an attempt that resumes tells them again up to
/// where it resumes, so that no point is lost, however suddenly the attempts before it ended. A point is in
/// the file as soon as it is told. The file only grows: a line says where an attempt begins, others what it saved,
/// and the line of its resumption cuts back what the attempts before it told.
package struct MetricLog: ~Copyable {
    private let file: Int32
    /// Whether the last line has no end, for a write failed within it.
    private var isTorn = false

    private static let beginning = Array("{\"attempt\":{}}".utf8)

    /// Begins the log of an attempt.
    package init(directory: String) throws {
        file = try StoreFile.open(Self.path(directory), O_RDWR | O_CREAT | O_APPEND)
        // A line that a sudden end cut off must not swallow the next one.
        var last: UInt8 = 10
        let size = lseek(file, 0, SEEK_END)
        isTorn = size > 0 && pread(file, &last, 1, size - 1) == 1 && last != 10
        let line = Self.beginning + [10]
        line.withUnsafeBytes { append($0) }
    }

    deinit { close(file) }

    private static func path(_ directory: String) -> String { directory + "/metrics.jsonl" }

    /// Keeps a line with its end; a line is in the file before the checkpoint that follows it.
    package mutating func append(_ line: UnsafeRawBufferPointer) {
        if isTorn { isTorn = write(file, "\n", 1) != 1 }
        let count = write(file, line.baseAddress, line.count)
        if count > 0, count < line.count { isTorn = true }
    }

    /// What the attempts before this one and this one told up to `step`, where this one resumes.
    package func resume(from step: Int) -> MetricBatch {
        let line = WorkerMessage.event(.resumed(step: step)).line
        line.withUnsafeBytes { _ = write(file, $0.baseAddress, $0.count) }
        return Self.points(of: file)
    }

    /// The points of the last attempt in `directory`, with those that it took over from earlier ones; none
    /// if there is no log.
    package static func lastAttempt(directory: String) -> MetricBatch {
        let file = open(path(directory), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return MetricBatch() }
        defer { close(file) }
        return points(of: file)
    }

    private static func points(of file: Int32) -> MetricBatch {
        var history = History()
        let lines = LineBuffer()
        var place: off_t = 0
        while true {
            let count = lines.fill(1 << 20) { pread(file, $0.baseAddress, $0.count, place) }
            guard count > 0 else { return history.all }
            place += off_t(count)
            while let line = lines.next() { history.read(line) }
        }
    }

    /// What the lines that were read come to. An attempt that said nothing but points may have ended before it
    /// resumed, or may have started over: a save tells. What it resumes from was saved by the last attempt
    /// that told of that step.
    private struct History {
        private struct Attempt {
            var points = MetricBatch()
            var saves: Set<Int> = []
            var isResumed = false
        }

        /// What the last attempt that resumed or saved hands on.
        private var saved = Attempt()
        /// The points of later ones that did neither.
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
            switch WorkerMessage(line: line) {
            case .event(.metric(let name, let step, let value)):
                current.points.append(MetricPoint(name: name, step: step, value: value))
            case .event(.checkpoint(let step)): current.saves.insert(step)
            case .event(.resumed(let step)): resume(from: step)
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
            // One that did not come as far as `step` did not save it.
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
