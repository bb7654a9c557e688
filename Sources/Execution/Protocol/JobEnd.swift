import Pipeline
import Processes

/// The report that a worker that serves many jobs sends after each of them: the exit status that a separate worker
/// would have had, the final message, and the resource usage of the job. It is one line, which is not a
/// `WorkerMessage`.
package struct JobEnd: Codable, Hashable, Sendable {
    /// The token of the job. A line with another token was not written by the worker.
    package var token: String
    package var status: Int32
    package var cpuSeconds: Double
    /// The peak resident size in bytes.
    package var peakMemory: Int
    package var word: WorkerMessage?

    package static let start = "{\"ended\":{"

    package init(
        token: String, status: Int32, cpuSeconds: Double, peakMemory: Int, word: WorkerMessage?
    ) {
        self.token = token
        self.status = status
        self.cpuSeconds = cpuSeconds
        self.peakMemory = peakMemory
        self.word = word
    }

    /// A line of JSON without its terminator.
    package var line: String { String(decoding: JSONLine.encode(["ended": self]), as: UTF8.self) }

    /// Parses a line; nil if it is not a job end.
    package init?(line: String) {
        guard line.hasPrefix(Self.start) else { return nil }
        var line = line
        let fields = line.withUTF8 {
            JSONLine.decode([String: JobEnd].self, UnsafeRawBufferPointer($0))
        }
        guard let end = fields?["ended"] else { return nil }
        self = end
    }

    /// The status of a process that ran only this job.
    var exitStatus: ExitStatus {
        ExitStatus(outcome: .exited(status), cpuSeconds: cpuSeconds, peakMemory: peakMemory)
    }
}
