import Glibc
import Pipeline
import Synchronization

/// Where the events of a stage go: standard output, which the threads of a stage share, and for points of
/// series the work directory too. Lines for the log go to standard error, which is the log.
final class Channel: Sendable {
    private let directory: String
    /// Made with the first point.
    private let metrics = Mutex<MetricLog?>(nil)
    private let failure = Mutex<(any Error)?>(nil)

    init(directory: String) { self.directory = directory }

    /// Tells the coordinator.
    func send(_ event: StageEvent) {
        switch event {
        case .log(let text): Self.write(text, to: STDERR_FILENO)
        case .metric, .resumed: keep(event)
        default: Self.write(WorkerMessage.event(event).line)
        }
    }

    /// Throws if points could not be kept.
    func check() throws {
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    private func keep(_ event: StageEvent) {
        metrics.withLock { log in
            do {
                if log == nil { log = try MetricLog(directory: directory) }
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
            let line = WorkerMessage.event(event).line
            if case .metric = event { log?.append(Array((line + "\n").utf8)) }
            Self.write(line)
            guard case .resumed(let step) = event else { return }
            for message in log?.points(through: step) ?? [] { Self.write(message.line) }
        }
    }

    /// Writes a line whole. There is nobody to tell if nobody reads it.
    static func write(_ line: String, to file: Int32 = STDOUT_FILENO) {
        var rest = Array((line + "\n").utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
