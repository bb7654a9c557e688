import Foundation
import Glibc
import JSON
import Pipeline
import Store

/// What a worker process is told: one attempt at one stage. A file of JSON.
package struct Job: Decodable, Hashable, Sendable {
    package var kind: String
    package var options: [String: JSONValue]
    package var inputs: [String: [String]]
    package var outputs: [String: String]
    package var work: String
    /// Where a `command` runs: the pipeline file's directory.
    package var directory: String
    package var threads: Int
    /// The file that the worker's words go to; standard error if nil.
    package var log: String?
    /// What the line that says how the job ended must repeat: the programs of a stage do not see it.
    package var token: String?

    package init(
        kind: String, options: [String: JSONValue], inputs: [String: [String]],
        outputs: [String: String], work: String, directory: String, threads: Int,
        log: String? = nil, token: String? = nil
    ) {
        self.kind = kind
        self.options = options
        self.inputs = inputs
        self.outputs = outputs
        self.work = work
        self.directory = directory
        self.threads = threads
        self.log = log
        self.token = token
    }

    /// Whether the work is another program's.
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
                path: path, reason: "it is no job: it has more than \(Self.sizeLimit >> 20) MiB")
        }
        do {
            self = try data.withUnsafeBytes { try Self.read($0) }
        } catch JSONMismatch.missing(let field) {
            throw WorkerError.file(path: path, reason: "it is no job: it lacks `\(field)`")
        } catch JSONMismatch.wrongType(let place, _) {
            // Elements are told from members by this word.
            let parts = place.split(separator: ".").map { Int($0) == nil ? $0 : "Index \($0)" }
            let field = parts.joined(separator: ".")
            throw WorkerError.file(path: path, reason: "it is no job: `\(field)` is wrong")
        } catch JSONMismatch.top {
            throw WorkerError.file(path: path, reason: "it is no job: no JSON object")
        } catch {
            throw WorkerError.file(path: path, reason: "it is no job: no valid JSON")
        }
        guard threads > 0 else {
            throw WorkerError.file(path: path, reason: "it is no job: `threads` is \(threads)")
        }
    }

    /// Reads what `line` gives.
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

    /// Larger files are no jobs, in bytes.
    private static let sizeLimit = 64 << 20

    package func write(to path: String) throws {
        let file = try StoreFile.open(path, O_WRONLY | O_CREAT | O_TRUNC)
        let text = Array(line.utf8)
        defer { close(file) }
        guard Glibc.write(file, text, text.count) == text.count else {
            throw WorkerError.file(path: path, reason: String(cString: strerror(errno)))
        }
    }

    /// One line of JSON, without its end.
    package var line: String {
        var fields: [String: JSONValue] = [
            "kind": .string(kind),
            "options": .object(options),
            "inputs": .object(inputs.mapValues { .array($0.map { .string($0) }) }),
            "outputs": .object(outputs.mapValues { .string($0) }),
            "work": .string(work),
            "directory": .string(directory),
            "threads": .integer(threads),
        ]
        if let log { fields["log"] = .string(log) }
        if let token { fields["token"] = .string(token) }
        return JSONValue.object(fields).canonical
    }
}
