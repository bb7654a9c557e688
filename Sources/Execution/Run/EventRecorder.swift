import Files
import Foundation
import Glibc
import Pipeline
import Store
import Synchronization

/// Records the events of a worker: metric values go to the store in batches, log lines to the log file, and the other
/// events to `report`. A class, because the thread that reads the pipe shares it with the task that waits for the
/// worker.
final class EventRecorder: EventSink {
    private struct State {
        var batch = MetricBatch()
        var checkpoint: Int?
        var engine: EngineIdentity?
        var flushed = ContinuousClock.now
        var text: [UInt8] = []
        var lastWord: WorkerMessage?
        var failure: (any Error)?
    }

    private let store: Store
    private let execution: ExecutionID
    private let stage: String
    private let log: String
    private let report: @Sendable (RunEvent) -> Void
    private let state = Mutex(State())

    /// The interval at which metric values and checkpoints are written to the store.
    private static let pause = Duration.milliseconds(100)
    /// A batch with more points is written immediately.
    private static let longestBatch = 100_000
    /// While the store cannot be written, more points than this fail the stage.
    private static let mostWaiting = 10_000_000

    /// A recorder whose log lines are appended to the existing file `log`.
    init(
        store: Store, execution: ExecutionID, stage: String, log: String,
        report: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.store = store
        self.execution = execution
        self.stage = stage
        self.log = log
        self.report = report
    }

    /// Receives lines; the buffer is empty if none arrived for a while. Returns whether to continue.
    func receive(_ lines: UnsafeRawBufferPointer) -> Bool {
        state.withLock { state in
            guard state.failure == nil else { return false }
            var measured: (name: String, value: Double)?
            lines.forEachLine { read($0, &state, &measured) }
            if let measured {
                report(.measured(stage: stage, name: measured.name, value: measured.value))
            }
            do {
                try writeText(&state)
                if ContinuousClock.now - state.flushed > Self.pause
                    || state.batch.count > Self.longestBatch
                {
                    try flush(&state)
                }
            } catch let error as StoreError
                where error.isTransient && state.batch.count < Self.mostWaiting
            {
                // The points are kept, and written again later.
                state.flushed = .now
            } catch {
                state.failure = error
            }
            return state.failure == nil
        }
    }

    /// Writes the pending data and returns the final message of the worker. Throws the first error in recording an
    /// event.
    func finish() throws -> WorkerMessage? {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            try flush(&state)
            return state.lastWord
        }
    }

    private func read(
        _ line: UnsafeRawBufferPointer, _ state: inout State,
        _ measured: inout (name: String, value: Double)?
    ) {
        if let point = MetricLine(line) {
            state.batch.append(name: point.name, step: point.step, value: point.value)
            if Self.isShown(point.name) {
                measured = (String(decoding: point.name, as: UTF8.self), point.value)
            }
            return
        }
        switch WorkerMessage(line: line) {
        case .event(.progress(let done, let total, let unit)):
            report(.progressed(stage: stage, done: done, total: total, unit: unit))
        case .event(.metric(let name, let step, let value)):
            state.batch.append(MetricPoint(name: name, step: step, value: value))
        case .event(.checkpoint(let step)): state.checkpoint = step
        case .event(.engine(let engine)): state.engine = engine
        case .event(.resumed(let step)): report(.resumed(stage: stage, step: step))
        case .event(.warning(let text)): report(.warned(stage: stage, text: text))
        case .event(.log(let text)):
            state.text += text.utf8
            state.text.append(10)
        case .failed(let text): state.lastWord = .failed(text)
        case .cancelled: state.lastWord = .cancelled
        case .ended, nil:
            // Not the end of this job, which is taken from the output before.
            state.text += line
            state.text.append(10)
        }
    }

    /// Whether the display shows the metric during the run.
    private static func isShown(_ name: UnsafeRawBufferPointer) -> Bool {
        name.elementsEqual("loss".utf8) || name.elementsEqual("reward".utf8)
    }

    private func flush(_ state: inout State) throws {
        try store.append(&state.batch, to: execution, checkpoint: state.checkpoint)
        state.checkpoint = nil
        if let engine = state.engine { try store.setEngine(engine, of: execution) }
        state.engine = nil
        state.flushed = .now
    }

    private func writeText(_ state: inout State) throws {
        guard !state.text.isEmpty else { return }
        // Opened for appending, because the worker and its programs write to the file too.
        let file = try StoreFile.open(log, O_WRONLY | O_CREAT | O_APPEND)
        defer { close(file) }
        WorkerChannel.write(state.text, to: file)
        state.text.removeAll(keepingCapacity: true)
    }
}
