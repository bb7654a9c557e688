import Files
import Foundation
import JSON
import Pipeline

/// The description of an attempt at a stage for a node, as a file in the shared directory. Paths of outputs and of the
/// work directory are those of each start.
package struct TaskDescription: Hashable, Sendable {
    /// The cache key and the number of the attempt: `KEY.aN`.
    package var name: String

    /// The digest of the program of the coordinator; `nil` if the node runs a copy of it.
    package var program: String?
    package var job: Job

    /// The types of the outputs by name.
    package var outputs: [String]

    /// The directory of unpacked inputs, which the worker of root mounts read-only.
    package var inputs: String

    /// In bytes.
    package var memory: Int?
    package var timeout: Int?

    /// The named files and their expected digests by label, which a node checks, because its files may be others.
    package var files: [NamedFile]
    package var digests: [String: Digest]
    package var hasSecrets: Bool

    package var json: JSONValue {
        var fields: [String: JSONValue] = [
            "name": .string(name), "job": job.json, "outputs": .array(outputs.map { .string($0) }),
            "inputs": .string(inputs), "secrets": .bool(hasSecrets),
            "files": .array(files.map(\.json)),
            "digests": .object(digests.mapValues { .string($0.hex) }),
        ]
        if let program { fields["program"] = .string(program) }
        if let memory { fields["memory"] = .integer(memory) }
        if let timeout { fields["timeout"] = .integer(timeout) }
        return .object(fields)
    }

    package init(
        name: String, program: String?, job: Job, outputs: [String], inputs: String, memory: Int?,
        timeout: Int?, files: [NamedFile], digests: [String: Digest], hasSecrets: Bool
    ) {
        self.name = name
        self.program = program
        self.job = job
        self.outputs = outputs
        self.inputs = inputs
        self.memory = memory
        self.timeout = timeout
        self.files = files
        self.digests = digests
        self.hasSecrets = hasSecrets
    }

    /// Reads the description from a file.
    package init(path: String) throws {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw WorkerError.file(path: path, reason: String(cString: strerror(errno)))
        }
        guard let value = JSONValue(json: text), let job = value["job"],
            case .string(let name)? = value["name"], case .string(let inputs)? = value["inputs"],
            case .array(let outputs)? = value["outputs"], case .array(let files)? = value["files"],
            case .object(let digests)? = value["digests"],
            case .bool(let secrets)? = value["secrets"]
        else { throw WorkerError.file(path: path, reason: "it is not a task file") }
        self.name = name
        self.inputs = inputs
        self.job = try Job(line: job.canonical)
        self.outputs = outputs.compactMap(\.inText)
        self.files = files.compactMap { NamedFile(json: $0) }
        self.digests = digests.compactMapValues { $0.inText.flatMap { Digest(hex: $0) } }
        hasSecrets = secrets
        program = value["program"]?.inText
        if case .integer(let memory)? = value["memory"] { self.memory = memory }
        if case .integer(let timeout)? = value["timeout"] { self.timeout = timeout }
    }
}

extension NamedFile {
    fileprivate var json: JSONValue {
        let (kind, patterns): (String, [String]) =
            switch contents {
            case .file: ("file", [])
            case .tree(let ignored): ("tree", ignored)
            case .members(let names): ("members", names)
            }
        return .object([
            "label": .string(label), "written": .string(written), "path": .string(path),
            "kind": .string(kind), "patterns": .array(patterns.map { .string($0) }),
        ])
    }

    fileprivate init?(json: JSONValue) {
        guard let label = json["label"]?.inText, let written = json["written"]?.inText,
            let path = json["path"]?.inText, case .array(let values)? = json["patterns"]
        else { return nil }
        let patterns = values.compactMap(\.inText)
        let contents: Contents
        switch json["kind"]?.inText {
        case "file": contents = .file
        case "tree": contents = .tree(ignoring: patterns)
        case "members": contents = .members(patterns)
        default: return nil
        }
        self.init(label: label, written: written, path: path, contents: contents)
    }
}
