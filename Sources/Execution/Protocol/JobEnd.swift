import Pipeline
import Processes

/// What a worker that serves many jobs says after each: the status that a worker of its own would have
/// ended with, its last word, and what the job used. One line, which is no `WorkerMessage`.
package struct JobEnd: Codable, Hashable, Sendable {
    /// That of the job. A line with another one was not written by the worker.
    package var token: String
    package var status: Int32
    package var cpuSeconds: Double
    /// Largest resident set in bytes.
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

    /// One line of JSON, without its end.
    package var line: String { String(decoding: JSONLine.encode(["ended": self]), as: UTF8.self) }

    /// Reads a line; nil if it is none of ours.
    package init?(line: String) {
        guard line.hasPrefix(Self.start) else { return nil }
        var line = line
        let fields = line.withUTF8 {
            JSONLine.decode([String: JobEnd].self, UnsafeRawBufferPointer($0))
        }
        guard let end = fields?["ended"] else { return nil }
        self = end
    }

    /// As of a process that ran this job alone.
    var exitStatus: ExitStatus {
        ExitStatus(outcome: .exited(status), cpuSeconds: cpuSeconds, peakMemory: peakMemory)
    }
}
