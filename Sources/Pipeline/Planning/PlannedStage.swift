import Files
import JSON

/// One instance of a stage, checked and resolved: what is left is to run it.
package struct PlannedStage: Sendable {
    /// The name, with one value for each matrix axis: `traces[seed=0,shard=1]`.
    package let id: String
    package let name: String
    package let kind: StageKind

    /// With defaults filled in, references resolved and paths joined with the directory of the
    /// pipeline file.
    package let options: Options

    /// The kind's outputs, or those that the option `outputs` of an open kind names.
    package let outputs: [StageKind.Output]

    /// Gathered artifacts in declared order. An optional input that the file leaves out is missing.
    package let inputs: [String: [OutputReference]]

    /// The ids of the stages that come before this one, for their data or because of `needs`.
    package let after: Set<String>
    package let resources: Resources

    /// How often the stage is tried again after a failure.
    package let retry: Int

    /// How long an attempt may take; `nil` for as long as it likes.
    package let timeout: Duration?

    /// The content of each `file` option: `option` or, in lists, `option[0]`; of a `directory` option each
    /// file's: `option/name`.
    package let fileDigests: [String: Digest]

    /// The files and directories behind them.
    package let files: [NamedFile]

    /// The value of each variable that the stage declares and does not call secret, as a digest: values are kept
    /// nowhere. A variable that is not set has `nil`.
    package let environment: [String: Digest?]

    /// Where the file declares the stage.
    package let position: Position

    package init(
        id: String, name: String, kind: StageKind, options: Options, outputs: [StageKind.Output],
        inputs: [String: [OutputReference]], after: Set<String>, resources: Resources,
        retry: Int = 0, timeout: Duration? = nil, fileDigests: [String: Digest],
        files: [NamedFile] = [], environment: [String: Digest?] = [:], position: Position
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
        self.environment = environment
        self.position = position
    }

    func with(
        fileDigests: [String: Digest], of files: [NamedFile], environment: [String: Digest?]
    ) -> PlannedStage {
        PlannedStage(
            id: id, name: name, kind: kind, options: options, outputs: outputs, inputs: inputs,
            after: after, resources: resources, retry: retry, timeout: timeout,
            fileDigests: fileDigests, files: files, environment: environment, position: position)
    }

    /// The names of the variables whose values are part of the key.
    var declaredVariables: [String] { kind.isOpen ? options.names("environment") : [] }

    /// The names of the variables whose values are written nowhere.
    var secrets: [String] { kind.isOpen ? options.names("secrets") : [] }

    /// The names of all variables that are passed on, and the options that name them.
    var namedVariables: [(name: String, option: String)] {
        guard kind.isOpen else { return [] }
        return ["environment", "secrets"].flatMap { option in
            options.names(option).map { ($0, option) }
        }
    }
}

/// One artifact of a plan, before it exists.
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
    /// What decides the result, given the content of the inputs. Paths, resources, the names of stages
    /// and options that do not affect the result are not in it.
    package func keyDocument(inputs: [String: [Digest]]) -> KeyDocument {
        KeyDocument(
            kind: kind.name, version: kind.version, options: keyOptions, inputs: inputs,
            files: fileDigests, environment: environment)
    }

    /// The same, given the digests of the outputs that the inputs refer to.
    package func keyDocument(_ digest: (OutputReference) -> Digest?) -> KeyDocument {
        keyDocument(inputs: inputs.mapValues { $0.compactMap(digest) })
    }

    /// The options that decide the result, but for those that name files.
    var keyOptions: [String: JSONValue] {
        let idle = Set(kind.options.filter { !$0.affectsResult }.map(\.name))
        let paths = Set(kind.options.filter { $0.type.isPath }.map(\.name))
        return options.values.filter { name, value in
            !idle.contains(name) && (!paths.contains(name) || value == .null)
        }
    }
}
