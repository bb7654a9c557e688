import Spawn

/// What a worker that serves many jobs says after each: the status that a worker of its own would have
/// ended with, and what the job used. One line, which is no `WorkerMessage`.
struct JobEnd: Hashable, Sendable {
    var status: Int32
    var cpuSeconds: Double
    /// Largest resident set in bytes.
    var peakMemory: Int

    static let start = "{\"ended\":["

    init(status: Int32, cpuSeconds: Double, peakMemory: Int) {
        self.status = status
        self.cpuSeconds = cpuSeconds
        self.peakMemory = peakMemory
    }

    /// One line of JSON, without its end.
    var line: String { "\(Self.start)\(status),\(cpuSeconds),\(peakMemory)]}" }

    /// Reads a line; nil if it is none of ours.
    init?(line: String) {
        guard line.hasPrefix(Self.start), line.hasSuffix("]}") else { return nil }
        let parts = line.dropFirst(Self.start.count).dropLast(2).split(separator: ",")
        guard parts.count == 3, let status = Int32(parts[0]), let cpu = Double(parts[1]),
            let peak = Int(parts[2])
        else { return nil }
        self.init(status: status, cpuSeconds: cpu, peakMemory: peak)
    }

    /// As of a process that ran this job alone.
    var exitStatus: ExitStatus {
        ExitStatus(outcome: .exited(status), cpuSeconds: cpuSeconds, peakMemory: peakMemory)
    }
}
