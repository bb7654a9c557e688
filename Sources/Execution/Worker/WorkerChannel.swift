import Foundation
import Glibc
import Pipeline
import Store
import Synchronization

/// The standard output of a worker, shared by the threads of a stage. A metric value is written to the log in the work
/// directory immediately; on the pipe, values in quick succession are sent together. A class, because it represents the
/// single output.
final class WorkerChannel: Sendable {
    private struct State: ~Copyable {
        var metrics: MetricLog
        var line: [UInt8] = []
        /// Metric values that are not yet written to the pipe.
        var waiting: [UInt8] = []
        var written = ContinuousClock.now - WorkerChannel.pause
    }

    private let state: Mutex<State>

    /// The maximum delay of a metric value.
    private static let pause = Duration.milliseconds(10)
    /// The number of bytes that are written at once.
    private static let piece = 1 << 15

    init(metrics: consuming MetricLog) {
        state = Mutex(State(metrics: metrics))
    }

    /// Sends an event to the coordinator. Lines for the log go to standard error, which is the log.
    func send(_ event: StageEvent) {
        if case .log(let text) = event {
            return Self.write(Array((text + "\n").utf8), to: STDERR_FILENO)
        }
        if case .warning(let text) = event { send(.log("warning: " + text)) }
        let mustFlushLater = state.withLock { state in
            guard case .metric = event else {
                Self.flush(&state)
                let line = WorkerMessage.event(event).line
                switch event {
                case .checkpoint, .engine: line.withUnsafeBytes { state.metrics.append($0) }
                default: break
                }
                Self.write(line)
                if case .resumed(let step) = event {
                    Self.repeat(state.metrics.resume(from: step), &state)
                }
                return false
            }
            state.line.removeAll(keepingCapacity: true)
            event.append(to: &state.line)
            state.line.withUnsafeBytes { state.metrics.append($0) }
            let isFirst = state.waiting.isEmpty
            state.waiting += state.line
            if state.waiting.count >= Self.piece
                || (isFirst && ContinuousClock.now - state.written > Self.pause)
            {
                Self.flush(&state)
                return false
            }
            return isFirst
        }
        guard mustFlushLater else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(10)) { self.flush() }
    }

    /// Writes the delayed metric values.
    func flush() { state.withLock { Self.flush(&$0) } }

    private static func flush(_ state: inout State) {
        guard !state.waiting.isEmpty else { return }
        write(state.waiting)
        state.waiting.removeAll(keepingCapacity: true)
        state.written = .now
    }

    private static func `repeat`(_ points: MetricBatch, _ state: inout State) {
        for point in points.all {
            StageEvent.metric(name: point.name, step: point.step, value: point.value)
                .append(to: &state.waiting)
            if state.waiting.count >= piece { flush(&state) }
        }
        flush(&state)
    }

    /// Writes to the coordinator or to the log. A failure to write to the coordinator ends the process, because the
    /// coordinator would wait forever; the log may be incomplete.
    static func write(_ bytes: [UInt8], to file: Int32 = STDOUT_FILENO) {
        bytes.withUnsafeBytes { bytes in
            var start = 0
            while start < bytes.count, let base = bytes.baseAddress {
                let count = Glibc.write(file, base + start, bytes.count - start)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    if file == STDOUT_FILENO { Worker.end() }
                    return
                }
                start += count
            }
        }
    }
}
