import JSON
import Pipeline

/// The description with which a run is recorded.
package struct RunDescription: Hashable, Sendable {
    package var pipeline: String
    package var path: String
    /// The text of the pipeline file.
    package var source: String
    package var params: [String: JSONValue]
    /// The git commit of the directory of the file.
    package var revision: String?
    /// The version of vireo.
    package var program: String
    /// The processor, kernels, memory and other facts that results may depend on.
    package var machine: [String: JSONValue]

    package init(
        pipeline: String, path: String, source: String, params: [String: JSONValue] = [:],
        revision: String? = nil, program: String, machine: [String: JSONValue] = [:]
    ) {
        self.pipeline = pipeline
        self.path = path
        self.source = source
        self.params = params
        self.revision = revision
        self.program = program
        self.machine = machine
    }
}

/// A stage of a run at its start.
package struct StageDeclaration: Hashable, Sendable {
    package let id: String
    package let name: String
    package let kind: String

    package init(id: String, name: String, kind: String) {
        self.id = id
        self.name = name
        self.kind = kind
    }
}
