import Files
import JSON

/// An instance of a stage, checked and resolved, ready to run.
package struct PlannedStage: Sendable {
    /// The name with the value of each matrix axis: `traces[seed=0,shard=1]`.
    package let id: String
    package let name: String
    package let kind: StageKind

    /// The options with defaults filled in, references resolved, and paths joined with the directory of the pipeline
    /// file.
    package let options: Options

    /// The outputs of the kind, or those that the option `outputs` of an open kind names.
    package let outputs: [StageKind.Output]

    /// The input artifacts; gathered ones are in declared order. An omitted optional input is missing.
    package let inputs: [String: [OutputReference]]

    /// The ids of the stages that come before this one, for their data or because of `needs`.
    package let after: Set<String>
    package let resources: Resources

    /// The number of retries after a failure.
    package let retry: Int

    /// The time limit of an attempt; `nil` means unlimited.
    package let timeout: Duration?

    /// The digests of the files of each path option. The key is `option` or, in lists, `option[0]`; for a file in a
    /// directory, `option/name`.
    package let fileDigests: [String: Digest]

    /// The files and directories that these digests belong to.
    package let files: [NamedFile]

    /// The files and directories among them that are not there. Only stages that say where their files are published
    /// may lack some, and only until they run.
    package let missing: [NamedFile]

    /// Digests of the values of the declared environment variables, except for secrets; the values are not stored.
    /// `nil` for a variable that is not set.
    package let environment: [String: Digest?]

    /// Where the file declares the stage.
    package let position: Position

    package init(
        id: String, name: String, kind: StageKind, options: Options, outputs: [StageKind.Output],
        inputs: [String: [OutputReference]], after: Set<String>, resources: Resources,
        retry: Int = 0, timeout: Duration? = nil, fileDigests: [String: Digest],
        files: [NamedFile] = [], missing: [NamedFile] = [], environment: [String: Digest?] = [:],
        position: Position
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.options = options
        self.outputs = outputs
        self.inputs = inputs
        self.after = after
        self.resources = resources
        self.retry = retry
        self.timeout = timeout
        self.fileDigests = fileDigests
        self.files = files
        self.missing = missing
        self.environment = environment
        self.position = position
    }

    func with(
        fileDigests: [String: Digest], of files: [NamedFile], missing: [NamedFile],
        environment: [String: Digest?]
    ) -> PlannedStage {
        PlannedStage(
            id: id, name: name, kind: kind, options: options, outputs: outputs, inputs: inputs,
            after: after, resources: resources, retry: retry, timeout: timeout,
            fileDigests: fileDigests, files: files, missing: missing, environment: environment,
            position: position)
    }

    /// The place where its files are published; `nil` if the pipeline does not name it.
    package var origin: String? {
        guard case .string(let origin)? = options.values[StageKind.originOption] else { return nil }
        return origin
    }

    /// The names of the environment variables whose values are part of the cache key.
    var declaredVariables: [String] { kind.runsProgram ? options.names("environment") : [] }

    /// The names of the environment variables whose values are never stored.
    package var secrets: [String] { kind.runsProgram ? options.names("secrets") : [] }

    /// The programs that options, or fields of options that are tables, name.
    var programs: [(name: String, option: String)] {
        func named(
            _ options: [StageKind.Option], _ values: [String: JSONValue], in place: String
        ) -> [(name: String, option: String)] {
            options.flatMap { option in
                switch (option.type, values[option.name]) {
                case (.text, .string(let name)?) where option.isProgram:
                    return [(name, place + option.name)]
                case (.table(let fields), .object(let members)?):
                    return named(fields, members, in: option.name + ".")
                default: return []
                }
            }
        }
        return named(kind.options, options.values, in: "")
    }

    /// The names of all environment variables that are passed to the program, and the options that name them.
    package var namedVariables: [(name: String, option: String)] {
        guard kind.runsProgram else { return [] }
        return ["environment", "secrets"].flatMap { option in
            options.names(option).map { ($0, option) }
        }
    }
}

/// A reference to an output of a planned stage.
package struct OutputReference: Hashable, Sendable, CustomStringConvertible {
    /// The id of a planned stage.
    package let stage: String
    package let output: String

    package init(stage: String, output: String) {
        self.stage = stage
        self.output = output
    }

    package var description: String { "\(stage).\(output)" }
}

extension PlannedStage {
    /// The document of everything that determines the result, given the digests of the inputs. It contains no paths,
    /// resources, stage names or options that do not affect the result.
    package func keyDocument(inputs: [String: [Digest]]) -> KeyDocument {
        KeyDocument(
            kind: kind.name, version: kind.version, options: keyOptions, inputs: inputs,
            files: fileDigests, environment: environment)
    }

    /// The same, given the digests of the outputs that the inputs refer to.
    package func keyDocument(_ digest: (OutputReference) -> Digest?) -> KeyDocument {
        keyDocument(inputs: inputs.mapValues { $0.compactMap(digest) })
    }

    /// The options that affect the result, except for those that name files, and for defaults that are not part of keys.
    var keyOptions: [String: JSONValue] {
        let declared = Dictionary(kind.options.map { ($0.name, $0) }) { first, _ in first }
        return options.values.reduce(into: [:]) { key, entry in
            guard let option = declared[entry.key] else { return key[entry.key] = entry.value }
            key[entry.key] = option.keyValue(entry.value)
        }
    }
}

extension StageKind.Option {
    /// The part of its value that affects the result and is not the path of a file; `nil` if there is none.
    fileprivate func keyValue(_ value: JSONValue) -> JSONValue? {
        guard affectsResult, keyHasDefault || value != fallback else { return nil }
        switch (type, value) {
        case (.table(let fields), .object(let members)):
            let kept = fields.compactMap { field in
                members[field.name].flatMap(field.keyValue).map { (field.name, $0) }
            }
            return .object(Dictionary(kept) { first, _ in first })
        default: return type.isPath && value != .null ? nil : value
        }
    }
}
