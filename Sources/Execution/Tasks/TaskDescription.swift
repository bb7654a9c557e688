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

    /// Reads the description from its file, `KEY/aN.json`. Throws if the file is not one of this user, or if a value is
    /// missing, wrong or out of range.
    package init(path: String) throws {
        guard let data = try SharedFile.contents(path) else {
            throw SharedFileError.unreadable(path, reason: POSIXError(.ENOENT).reason)
        }
        let value = String(validating: data, as: UTF8.self).flatMap { JSONValue(json: $0) }
        guard case .object(let values)? = value else {
            throw SharedFileError.malformed(path, "it is not a task file")
        }
        let fields = TaskFields(path: path, values: values)
        let stem = FilePath.name(path).dropLast(".json".count)
        name = try fields.text("name") {
            $0 == "\(FilePath.name(FilePath.parent(path))).\(stem)"
                && Digest(hex: String($0.prefix(64))) != nil
        }
        inputs = try fields.text("inputs") { $0.hasPrefix("/") }
        job = try fields.job("job")
        // The names of directories.
        outputs = try fields.list("outputs") { value in
            guard case .string(let name) = value, !name.isEmpty, !name.hasPrefix("."),
                !name.contains("/")
            else { return nil }
            return name
        }
        files = try fields.list("files") { NamedFile(json: $0) }
        digests = try fields.digests("digests")
        hasSecrets = try fields.flag("secrets")
        program =
            try fields.has("program") ? fields.text("program") { Digest(hex: $0) != nil } : nil
        memory = try fields.has("memory") ? fields.number("memory", in: TaskBounds.memory) : nil
        timeout = try fields.has("timeout") ? fields.number("timeout", in: TaskBounds.timeout) : nil
        try fields.check(known: [
            "name", "inputs", "job", "outputs", "files", "digests", "secrets", "program", "memory",
            "timeout",
        ])
    }
}

/// The fields of a task file, whose mistakes name the field.
private struct TaskFields {
    let path: String
    let values: [String: JSONValue]

    private func wrong(_ name: String) -> SharedFileError {
        .malformed(path, "it is not a task file: `\(name)` is missing or wrong")
    }

    func has(_ name: String) -> Bool { values[name] != nil }

    func text(_ name: String, _ isRight: (String) -> Bool) throws(SharedFileError) -> String {
        guard case .string(let text)? = values[name], isRight(text) else { throw wrong(name) }
        return text
    }

    func number(_ name: String, in range: ClosedRange<Int>) throws(SharedFileError) -> Int {
        guard case .integer(let number)? = values[name], range.contains(number) else {
            throw wrong(name)
        }
        return number
    }

    func flag(_ name: String) throws(SharedFileError) -> Bool {
        guard case .bool(let flag)? = values[name] else { throw wrong(name) }
        return flag
    }

    func list<Element>(
        _ name: String, _ element: (JSONValue) -> Element?
    ) throws(SharedFileError) -> [Element] {
        guard case .array(let list)? = values[name] else { throw wrong(name) }
        let elements = list.compactMap(element)
        guard elements.count == list.count else { throw wrong(name) }
        return elements
    }

    func digests(_ name: String) throws(SharedFileError) -> [String: Digest] {
        guard case .object(let texts)? = values[name] else { throw wrong(name) }
        let digests = texts.compactMapValues { $0.inText.flatMap { Digest(hex: $0) } }
        guard digests.count == texts.count else { throw wrong(name) }
        return digests
    }

    func job(_ name: String) throws(SharedFileError) -> Job {
        guard let value = values[name] else { throw wrong(name) }
        do {
            let job = try Job(line: value.canonical)
            if Job.threadRange.contains(job.threads) { return job }
        } catch {
            throw .malformed(path, "it is not a task file: \(error)")
        }
        throw wrong("threads")
    }

    func check(known: Set<String>) throws(SharedFileError) {
        if let name = values.keys.sorted().first(where: { !known.contains($0) }) {
            throw wrong(name)
        }
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
        guard patterns.count == values.count else { return nil }
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
