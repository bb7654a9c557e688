import Files
import Foundation
import Glibc
import JSON
import Pipeline
import Store

/// The end of an attempt on a node, as a file. It is published once, by the first start of the attempt that ends, and
/// is the only thing that the coordinator believes: it names the digests of the outputs.
package struct TaskResult: Codable, Hashable, Sendable {
    /// The path of the directory of the start.
    package var start: String

    /// The exit status of the worker.
    package var status: Int32
    package var error: String?

    /// Whether the error would occur again.
    package var isLasting: Bool

    /// How long the start ran.
    package var seconds: Double
    package var cpuSeconds: Double
    package var peakMemory: Int

    /// The digests of the outputs by name.
    package var outputs: [String: String]
    package var place: TaskPlace

    package init(
        start: String, status: Int32, error: String?, isLasting: Bool, seconds: Double,
        cpuSeconds: Double,
        peakMemory: Int, outputs: [String: String], place: TaskPlace
    ) {
        self.start = start
        self.status = status
        self.error = error
        self.isLasting = isLasting
        self.seconds = seconds
        self.cpuSeconds = cpuSeconds
        self.peakMemory = peakMemory
        self.outputs = outputs
        self.place = place
    }

    package var usage: Usage { Usage(cpuSeconds: cpuSeconds, peakMemory: peakMemory) }

    /// Publishes the result at `path`. Returns false if another start has published one.
    package func publish(at path: String) throws -> Bool {
        let own = start + "/result.json"
        try Self.write(JSONLine.encode(self), to: own)
        if link(own, path) == 0 { return true }
        // Over NFS, a repeated request fails although the first one succeeded.
        if errno == EEXIST { return FileStamp(of: path)?.inode == FileStamp(of: own)?.inode }
        throw WorkerError.file(path: path, reason: String(cString: strerror(errno)))
    }

    /// The result at `path`; `nil` if there is none, or if it is not complete yet.
    package static func read(_ path: String) -> TaskResult? { read(path, as: TaskResult.self) }

    static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            let file = try DurableFile(path)
            try bytes.withUnsafeBytes { try file.append($0) }
            try file.finish()
        } catch let error as POSIXError {
            throw WorkerError.file(path: path, reason: error.reason)
        }
    }

    static func read<Value: Decodable>(_ path: String, as type: Value.Type) -> Value? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return data.withUnsafeBytes { JSONLine.decode(type, $0) }
    }
}

/// Where a start of an attempt runs.
package struct TaskPlace: Codable, Hashable, Sendable {
    package var host: String

    /// The id of the job and the index of the task, such as `17_3`.
    package var job: String?

    /// How many times the batch system has started the job again.
    package var restarts: Int

    package init(host: String, job: String?, restarts: Int) {
        self.host = host
        self.job = job
        self.restarts = restarts
    }

    /// The place that the variables of Slurm describe.
    package init(host: String, environment: [String: String]) {
        let job = environment["SLURM_ARRAY_JOB_ID"].map { job in
            environment["SLURM_ARRAY_TASK_ID"].map { "\(job)_\($0)" } ?? job
        }
        self.init(
            host: environment["SLURMD_NODENAME"] ?? host, job: job ?? environment["SLURM_JOB_ID"],
            restarts: environment["SLURM_RESTART_COUNT"].flatMap { Int($0) } ?? 0)
    }
}

/// The end of a start without a result, because the batch system asked it to stop.
package struct TaskInterruption: Codable, Hashable, Sendable {
    /// The last checkpoint that this start saved.
    package var checkpoint: Int?

    /// How long it ran.
    package var seconds: Double
    package var place: TaskPlace
}
