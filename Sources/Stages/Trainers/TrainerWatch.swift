import Files
import Foundation
import Glibc
import JSON
import Pipeline
import Synchronization

/// Follows an engine by its files: reports metrics and progress, and takes over complete checkpoints. A class, because
/// the thread that reads the output of the engine shares it with the waiting task.
package final class TrainerWatch: Sendable {
    private struct State {
        var metrics: TrainerMetrics
        /// The number of bytes of the log that are read.
        var offset = 0
        var looked: ContinuousClock.Instant?
        var taken: Set<Int> = []
        var failure: (any Error)?
        var isOver = false
        /// When the checkpoint of the last step was taken over.
        var finished: ContinuousClock.Instant?
        /// Whether the engine should have ended since then.
        var isOverdue = false
    }

    private let shelf: CheckpointShelf
    private let output: String
    private let engine: TrainingEngine
    private let steps: Int
    private let emit: @Sendable (StageEvent) -> Void
    private let state: Mutex<State>

    /// The time between two looks.
    private static let pause = Duration.milliseconds(500)

    /// How long the engine may take to end after its last checkpoint. torchrun on several machines does not end
    /// if their network is cut.
    private let patience: Duration

    /// Follows the engine that writes to `output`, and goes on after step `start` of `steps`.
    package init(
        _ engine: TrainingEngine, output: String, shelf: CheckpointShelf, after start: Int,
        steps: Int, patience: Duration = .seconds(120),
        emit: @escaping @Sendable (StageEvent) -> Void
    ) {
        self.patience = patience
        self.engine = engine
        self.output = output
        self.shelf = shelf
        self.steps = steps
        self.emit = emit
        state = Mutex(State(metrics: TrainerMetrics(after: start)))
    }

    /// Reads what is new, unless that was done a moment ago. A failure is thrown by `finish`. Returns false if the engine
    /// should have ended long ago, because its training is finished.
    package func look() -> Bool {
        state.withLock { state in
            let now = ContinuousClock.now
            if let finished = state.finished, now - finished > patience {
                if !state.isOverdue {
                    emit(
                        .log("the training is finished, but the engine does not end, and is killed")
                    )
                }
                state.isOverdue = true
                return false
            }
            if let looked = state.looked, now - looked < Self.pause { return true }
            state.looked = now
            guard state.failure == nil else { return true }
            do {
                try look(&state)
            } catch {
                state.failure = error
            }
            return true
        }
    }

    /// Reads what is left after the engine has ended.
    func finish() throws {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            try look(&state)
        }
    }

    /// Whether the engine has ended, or could not be started.
    var isOver: Bool { state.withLock { $0.isOver } }

    func end() { state.withLock { $0.isOver = true } }

    private func look(_ state: inout State) throws {
        if engine.isHuggingFace { report(state.metrics.readLog(newLines(&state))) }
        for checkpoint in TrainerCheckpoint.all(in: output)
        where !state.taken.contains(checkpoint.step) {
            guard try shelf.take(checkpoint) == nil else { continue }
            state.taken.insert(checkpoint.step)
            if engine.isHuggingFace,
                let value = PythonJSON.file(shelf.path(of: checkpoint.step) + "/trainer_state.json")
            {
                report(state.metrics.read(state: value))
                emit(.progress(done: min(checkpoint.step, steps), total: steps, unit: "step"))
            }
            emit(.checkpoint(step: checkpoint.step))
            try shelf.trim()
            if checkpoint.step >= steps { state.finished = .now }
        }
    }

    private func report(_ points: [TrainerMetrics.Point]) {
        for point in points {
            emit(.metric(name: point.name, step: point.step, value: point.value))
        }
        if let last = points.map(\.step).max() {
            emit(.progress(done: min(last, steps), total: steps, unit: "step"))
        }
    }

    /// The complete lines of the log that were not read yet.
    private func newLines(_ state: inout State) -> [Data] {
        guard let file = FileHandle(forReadingAtPath: output + "/trainer_log.jsonl") else {
            return []
        }
        do {
            try file.seek(toOffset: UInt64(state.offset))
            guard let data = try file.readToEnd(), let end = data.lastIndex(of: 10) else {
                return []
            }
            state.offset += data.distance(from: data.startIndex, to: end) + 1
            return data[...end].split(separator: 10).map { Data($0) }
        } catch {
            // The engine replaces the file; it is read again at the next look.
            return []
        }
    }
}

extension TrainerMetrics {
    fileprivate mutating func readLog(_ lines: [Data]) -> [Point] {
        var points: [Point] = []
        for line in lines { points += read(line: line) }
        return points
    }
}
