import JSON
import Pipeline

extension StageKindDescription {
    /// The declaration as JSON.
    package var json: JSONValue {
        .object([
            "kind": .string(kind.name), "version": .integer(kind.version),
            "summary": .string(kind.summary), "open": .bool(kind.isOpen),
            "inputs": .array(
                kind.inputs.map {
                    .object([
                        "name": .string($0.name), "type": .string($0.type.rawValue),
                        "required": .bool($0.isRequired), "gathered": .bool($0.isGathered),
                        "summary": .string($0.summary),
                    ])
                }),
            "outputs": .array(
                kind.outputs.map {
                    .object([
                        "name": .string($0.name), "type": .string($0.type.rawValue),
                        "summary": .string($0.summary),
                    ])
                }),
            "options": .array(
                kind.options.map {
                    .object([
                        "name": .string($0.name), "type": .string($0.type.words),
                        "required": .bool($0.fallback == nil), "default": $0.fallback ?? .null,
                        "in_key": .bool($0.affectsResult), "summary": .string($0.summary),
                    ])
                }),
        ])
    }
}
