import Pipeline

extension StageKindDescription {
    /// The declaration as JSON.
    var json: Value {
        .table([
            "kind": .text(kind.name), "version": .integer(kind.version),
            "summary": .text(kind.summary), "open": .flag(kind.isOpen),
            "inputs": .list(
                kind.inputs.map {
                    .table([
                        "name": .text($0.name), "type": .text($0.type.rawValue),
                        "required": .flag($0.isRequired), "gathered": .flag($0.isGathered),
                        "summary": .text($0.summary),
                    ])
                }),
            "outputs": .list(
                kind.outputs.map {
                    .table([
                        "name": .text($0.name), "type": .text($0.type.rawValue),
                        "summary": .text($0.summary),
                    ])
                }),
            "options": .list(
                kind.options.map {
                    .table([
                        "name": .text($0.name), "type": .text($0.type.words),
                        "required": .flag($0.fallback == nil), "default": $0.fallback ?? .null,
                        "in_key": .flag($0.affectsResult), "summary": .text($0.summary),
                    ])
                }),
        ])
    }
}
