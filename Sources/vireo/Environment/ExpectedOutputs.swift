import JSON
import Pipeline
import Stages
import Store

/// Which outputs a finished execution must have, by its kind.
enum ExpectedOutputs {
    /// `nil` where the kind, or that version of it, is not known.
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

    /// The main output of a kind, which the stage's name alone refers to.
    static func main(of kind: String) -> String? {
        StageRegistry.kinds.first { $0.name == kind }?.outputs.first?.name
    }
}
