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
        let own = TaskStart(path: start).result
        try Self.write(JSONLine.encode(self), to: own)
        if link(own, path) == 0 { return true }
        // Over NFS, a repeated request fails although the first one succeeded.
        if errno == EEXIST { return FileStamp(of: path)?.inode == FileStamp(of: own)?.inode }
        throw WorkerError.file(path: path, reason: String(cString: strerror(errno)))
    }

    /// The result at `path`; `nil` if there is none. Throws if it is not one of this user, or cannot be true.
    package static func read(_ path: String) throws(SharedFileError) -> TaskResult? {
        guard let result = try read(path, as: TaskResult.self, "a result") else { return nil }
        if let field = result.wrongField {
            throw .malformed(path, "it is not a result: `\(field)` is out of range")
        }
        return result
    }

    /// The name of a field whose value no start can have; `nil` if there is none.
    private var wrongField: String? {
        if !start.hasPrefix("/") || start.utf8.count > 4096 { return "start" }
        if !(0...255).contains(status) { return "status" }
        if !TaskBounds.seconds.contains(seconds) { return "seconds" }
        if !TaskBounds.cpuSeconds.contains(cpuSeconds) { return "cpuSeconds" }
        if !TaskBounds.memory.contains(peakMemory) { return "peakMemory" }
        if !outputs.values.allSatisfy({ Digest(hex: $0) != nil }) { return "outputs" }
        return place.isPossible ? nil : "place"
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            let file = try DurableFile(path, mode: 0o600)
            try bytes.withUnsafeBytes { try file.append($0) }
            try file.finish()
        } catch let error as POSIXError {
            throw WorkerError.file(path: path, reason: error.reason)
        }
    }

    /// The value in a file of one JSON object; `what` is its name with its article.
    static func read<Value: Decodable>(
        _ path: String, as type: Value.Type, _ what: String
    ) throws(SharedFileError) -> Value? {
        guard let data = try SharedFile.contents(path) else { return nil }
        guard let value = data.withUnsafeBytes({ JSONLine.decode(type, $0) }) else {
            throw .malformed(path, "it is not \(what)")
        }
        return value
    }
}

/// The ranges of the numbers in files of the shared directory.
enum TaskBounds {
    /// No task runs longer than ten years.
    static let seconds = 0.0...315_360_000
    static let timeout = 1...315_360_000
    static let cpuSeconds = 0.0...315_360_000 * Double(Job.threadRange.upperBound)

    /// In bytes.
    static let memory = 0...1 << 52
    static let checkpoint = 0...1 << 52
    static let restarts = 0...1 << 20
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

    /// Whether a node may have these names. They are shown on terminals.
    fileprivate var isPossible: Bool {
        func isName(_ text: String) -> Bool {
            text.utf8.count <= 255
                && text.unicodeScalars.allSatisfy {
                    $0.isASCII && $0.value > 0x20 && $0.value < 0x7f
                }
        }
        return isName(host) && isName(job ?? "") && TaskBounds.restarts.contains(restarts)
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

    /// The interruption in a file; `nil` if there is none. Throws likewise.
    static func read(_ path: String) throws(SharedFileError) -> TaskInterruption? {
        guard
            let interruption = try TaskResult.read(
                path, as: TaskInterruption.self, "the end of a task")
        else { return nil }
        guard TaskBounds.seconds.contains(interruption.seconds), interruption.place.isPossible,
            TaskBounds.checkpoint.contains(interruption.checkpoint ?? 0)
        else { throw .malformed(path, "a value is out of range") }
        return interruption
    }
}
