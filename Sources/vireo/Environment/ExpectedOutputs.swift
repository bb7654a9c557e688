import JSON
import Pipeline
import Stages
import Store

/// The outputs that a finished execution of a stage kind must have.
enum ExpectedOutputs {
    /// `nil` if the kind, or this version of it, is unknown.
    static func names(_ kind: String, _ document: String) -> Set<String>? {
        guard let kind = StageRegistry.kinds.first(where: { $0.name == kind }),
            let document = JSONValue(json: document),
            document["version"] == .integer(kind.version)
        else { return nil }
        guard kind.isOpen else { return Set(kind.outputs.map(\.name)) }
        guard case .array(let names)? = document["options"]?["outputs"] else { return nil }
        return Set(
            names.compactMap { name in
                if case .string(let text) = name { text } else { nil }
            })
    }

    /// The main output of a kind, to which the name of a stage alone refers.
    static func main(of kind: String) -> String? {
        StageRegistry.kinds.first { $0.name == kind }?.outputs.first?.name
    }
}
