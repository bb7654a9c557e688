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
            "options": .array(kind.options.map(Self.json)),
        ])
    }

    private static func json(_ option: StageKind.Option) -> JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(option.name), "type": .string(option.type.words),
            "required": .bool(option.fallback == nil), "default": option.fallback ?? .null,
            "in_key": .bool(option.affectsResult), "summary": .string(option.summary),
        ]
        if case .table(let fields) = option.type {
            members["fields"] = .array(fields.map(json))
        }
        return .object(members)
    }
}
