import Foundation
import Glibc
import JSON
import Pipeline
import Store

/// The description of an attempt at a stage for a worker process, as JSON.
package struct Job: Decodable, Hashable, Sendable {
    package var kind: String
    package var options: [String: JSONValue]
    package var inputs: [String: [String]]
    package var outputs: [String: String]
    package var work: String
    /// The working directory of a `command`: the directory of the pipeline file.
    package var directory: String
    package var threads: Int
    /// The command line in front of that of the program of a `command`, which runs it in an environment.
    package var prefix: [String]?
    /// The log file of the worker; standard error if nil.
    package var log: String?
    /// A secret that the line with the end of the job must repeat. The programs of a stage do not see it.
    package var token: String?

    package init(
        kind: String, options: [String: JSONValue], inputs: [String: [String]],
        outputs: [String: String], work: String, directory: String, threads: Int,
        prefix: [String]? = nil, log: String? = nil, token: String? = nil
    ) {
        self.kind = kind
        self.options = options
        self.inputs = inputs
        self.outputs = outputs
        self.work = work
        self.directory = directory
        self.threads = threads
        self.prefix = prefix
        self.log = log
        self.token = token
    }

    /// Whether the stage runs an external program.
    var isCommand: Bool { kind == "command" }

    package init(path: String) throws {
        let data: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            data = try file.read(upToCount: Self.sizeLimit + 1) ?? Data()
        } catch {
            throw WorkerError.file(path: path, reason: error.localizedDescription)
        }
        guard data.count <= Self.sizeLimit else {
            throw WorkerError.file(
                path: path,
                reason: "it is not a job file: it is larger than \(Self.sizeLimit >> 20) MiB")
        }
        do {
            self = try data.withUnsafeBytes { try Self.read($0) }
        } catch JSONMismatch.missing(let field) {
            throw WorkerError.file(
                path: path, reason: "it is not a job file: `\(field)` is missing")
        } catch JSONMismatch.wrongType(let field, _), JSONMismatch.unfitNumber(let field, _) {
            throw WorkerError.file(
                path: path, reason: "it is not a job file: `\(field)` has the wrong type")
        } catch JSONMismatch.top {
            throw WorkerError.file(
                path: path, reason: "it is not a job file: it contains no JSON object")
        } catch {
            throw WorkerError.file(path: path, reason: "it is not a job file: it is not valid JSON")
        }
        guard Self.threadRange.contains(threads) else {
            throw WorkerError.file(
                path: path, reason: "it is not a job file: `threads` is \(threads)")
        }
    }

    /// Parses the output of `line`.
    package init(line: String) throws {
        do {
            self = try Data(line.utf8).withUnsafeBytes { try Self.read($0) }
        } catch {
            throw WorkerError.job("\(error)")
        }
    }

    private static func read(_ text: UnsafeRawBufferPointer) throws -> Job {
        guard String(validating: text, as: UTF8.self) != nil else {
            throw WorkerError.job("it is not UTF-8 text")
        }
        var decoder = JSONRecordDecoder(values: .max)
        return try decoder.decode(Job.self, from: text)
    }

    static let threadRange = 1...1 << 16

    /// The maximum size of a job, in bytes.
    private static let sizeLimit = 64 << 20

    package func write(to path: String) throws {
        let file = try StoreFile.open(path, O_WRONLY | O_CREAT | O_TRUNC)
        let text = Array(line.utf8)
        defer { close(file) }
        guard Glibc.write(file, text, text.count) == text.count else {
            throw WorkerError.file(path: path, reason: String(cString: strerror(errno)))
        }
    }

    /// The job as a line of JSON without its terminator.
    package var line: String { json.canonical }

    var json: JSONValue {
        var fields: [String: JSONValue] = [
            "kind": .string(kind),
            "options": .object(options),
            "inputs": .object(inputs.mapValues { .array($0.map { .string($0) }) }),
            "outputs": .object(outputs.mapValues { .string($0) }),
            "work": .string(work),
            "directory": .string(directory),
            "threads": .integer(threads),
        ]
        if let prefix { fields["prefix"] = .array(prefix.map { .string($0) }) }
        if let log { fields["log"] = .string(log) }
        if let token { fields["token"] = .string(token) }
        return .object(fields)
    }
}
