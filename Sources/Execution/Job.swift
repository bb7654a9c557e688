import Foundation
import Pipeline

/// What a worker process is told: one attempt at one stage. A file of JSON.
package struct Job: Decodable, Hashable, Sendable {
    package var kind: String
    package var options: [String: Value]
    package var inputs: [String: [String]]
    package var outputs: [String: String]
    package var work: String
    /// Where a `command` runs: the pipeline file's directory.
    package var directory: String
    package var threads: Int

    package init(
        kind: String, options: [String: Value], inputs: [String: [String]],
        outputs: [String: String], work: String, directory: String, threads: Int
    ) {
        self.kind = kind
        self.options = options
        self.inputs = inputs
        self.outputs = outputs
        self.work = work
        self.directory = directory
        self.threads = threads
    }

    package init(path: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        self = try JSONDecoder().decode(Job.self, from: data)
    }

    package func write(to path: String) throws {
        let value = Value.table([
            "kind": .text(kind),
            "options": .table(options),
            "inputs": .table(inputs.mapValues { .list($0.map { .text($0) }) }),
            "outputs": .table(outputs.mapValues { .text($0) }),
            "work": .text(work),
            "directory": .text(directory),
            "threads": .integer(threads),
        ])
        try Data(value.canonical.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
