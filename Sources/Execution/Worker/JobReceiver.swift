import Synchronization

/// Hands what a worker writes to whoever records the job it is at. A class, for the thread that reads the
/// pipe shares it with one attempt after another.
final class JobReceiver: Sendable {
    private let recorder: Mutex<EventRecorder>

    init(_ recorder: EventRecorder) { self.recorder = Mutex(recorder) }

    /// The worker's next words are about another job.
    func begin(_ recorder: EventRecorder) { self.recorder.withLock { $0 = recorder } }

    /// Takes lines, or learns that none came for a while; says whether more are wanted.
    func receive(_ lines: UnsafeRawBufferPointer) -> Bool {
        recorder.withLock { $0 }.receive(lines)
    }
}
