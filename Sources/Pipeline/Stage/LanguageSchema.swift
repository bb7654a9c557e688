/// The JSON Schema (draft 2020-12) of pipeline files, for editors that complete and check them.
package enum LanguageSchema {
    /// The schema of files that may use `kinds`, indented.
    package static func json(kinds: [StageKind]) -> String {
        object([
            "$schema": .text("https://json-schema.org/draft/2020-12/schema"),
            "title": .text("A Vireo pipeline"),
        ]) {
            [
                "name": text("A word for the experiment."),
                "description": text("What the experiment is about."),
                "params": named(
                    ["description": .text("Values that `${params.name}` refers to.")],
                    .flag(true)),
                "matrix": matrix("Axes of every stage but those with `matrix: {}`."),
                "defaults": defaults,
                "stages": named(
                    ["description": .text("What to run."), "minProperties": .integer(1)],
                    stage(kinds)),
            ]
        } required: {
            ["name", "stages"]
        }
        .indented + "\n"
    }

    private static var defaults: Value {
        object(["description": .text("What stages have unless they say otherwise.")]) {
            [
                "with": .table([
                    "type": .text("object"),
                    "description": .text("Options of all stages that declare them."),
                ]), "resources": resources,
            ]
        } required: {
            []
        }
    }

    private static func stage(_ kinds: [StageKind]) -> Value {
        let names = kinds.map { kind in
            Value.table(["const": .text(kind.name), "description": .text(kind.summary)])
        }
        let branches = kinds.map { kind in
            Value.table([
                "if": .table([
                    "properties": .table(["uses": .table(["const": .text(kind.name)])]),
                    "required": .list([.text("uses")]),
                ]),
                "then": rules(of: kind),
            ])
        }
        return object(["allOf": .list(branches)]) {
            [
                "uses": orReference(["oneOf": .list(names)]),
                "description": text("What the stage is for."),
                "in": .table(["type": .text("object")]),
                "with": .table(["type": .text("object")]),
                "needs": sources("Stages to wait for that give no data."),
                "matrix": matrix("Axes: the stage runs once for each combination."),
                "replicates": sources("Axes whose instances are repetitions: each runs."),
                "resources": resources,
                "retry": orReference([
                    "type": .text("integer"), "minimum": .integer(0), "maximum": .integer(100),
                    "description": .text("How often to try again after a failure."),
                ]),
                "timeout": text("How long an attempt may take, such as 30m, 2h or 1d12h."),
            ]
        } required: {
            ["uses"]
        }
    }

    private static func rules(of kind: StageKind) -> Value {
        let needsInputs = kind.inputs.filter(\.isRequired).map(\.name)
        let needsOptions = kind.options.filter { $0.fallback == nil }.map(\.name)
        let inputs = Dictionary(
            kind.inputs.map { input in
                let summary = "\(input.summary) (\(input.type.rawValue))"
                return (input.name, input.isGathered ? sources(summary) : text(summary))
            }
        ) { first, _ in first }
        let options = Dictionary(kind.options.map { ($0.name, option($0)) }) { first, _ in first }
        let place: Value =
            kind.isOpen
            ? .table([
                "type": .text("object"), "additionalProperties": sources("A stage or an output."),
            ])
            : object([:]) {
                inputs
            } required: {
                needsInputs
            }
        let required =
            ["in"].filter { _ in !needsInputs.isEmpty }
            + ["with"].filter { _ in !needsOptions.isEmpty || !kind.alternatives.isEmpty }
        let alternatives = kind.alternatives.map { group in
            Value.table([
                "oneOf": .list(group.map { .table(["required": .list([.text($0)])]) })
            ])
        }
        return .table([
            "properties": .table([
                "in": place,
                "with": object(alternatives.isEmpty ? [:] : ["allOf": .list(alternatives)]) {
                    options
                } required: {
                    needsOptions
                },
            ]),
            "required": .list(required.map { .text($0) }),
        ])
    }

    private static func option(_ option: StageKind.Option) -> Value {
        var schema: [String: Value] = ["description": .text(option.summary)]
        schema["anyOf"] = .list([
            .table(self.schema(of: option.type)),
            .table(["type": .text("string"), "pattern": .text("\\$\\{")]),
        ])
        if let fallback = option.fallback, fallback != .null { schema["default"] = fallback }
        if option.fallback == .null, case .list(let either)? = schema["anyOf"] {
            schema["anyOf"] = .list(either + [.table(["type": .text("null")])])
        }
        return .table(schema)
    }

    private static func schema(of type: OptionType) -> [String: Value] {
        switch type {
        case .integer(let range):
            var schema: [String: Value] = ["type": .text("integer")]
            if range.lowerBound != .min { schema["minimum"] = .integer(range.lowerBound) }
            if range.upperBound != .max { schema["maximum"] = .integer(range.upperBound) }
            return schema
        case .number(let range):
            var schema: [String: Value] = ["type": .text("number")]
            if range.lowerBound == .leastNonzeroMagnitude {
                schema["exclusiveMinimum"] = .integer(0)
            } else if range.lowerBound > -.greatestFiniteMagnitude {
                schema["minimum"] = .number(range.lowerBound)
            }
            if range.upperBound < .greatestFiniteMagnitude {
                schema["maximum"] = .number(range.upperBound)
            }
            return schema
        case .text: return ["type": .list([.text("string"), .text("number"), .text("boolean")])]
        case .flag: return ["type": .text("boolean")]
        case .choice(let choices): return ["enum": .list(choices.map { .text($0) })]
        case .list(let element):
            return ["type": .text("array"), "items": .table(schema(of: element))]
        case .shard: return ["type": .text("string"), "pattern": .text("^[0-9]+/[1-9][0-9]*$")]
        case .file, .path, .directory: return ["type": .text("string"), "minLength": .integer(1)]
        }
    }

    private static var resources: Value {
        let count = orReference(["type": .text("integer"), "minimum": .integer(1)])
        let gpus = orReference(["type": .text("integer"), "minimum": .integer(0)])
        return named(
            [
                "description": .text(
                    "What the stage needs to run; other names are pools, such as gpu: 1."),
                "properties": .table([
                    "cpus": count, "nodes": count, "gpus": gpus,
                    "memory": text("Such as 2GB or 512MiB."),
                    "time": text("Such as 30m, 2h or 1d12h."),
                ]),
            ], count)
    }

    /// What `schema` says, or a text with a reference.
    private static func orReference(_ schema: [String: Value]) -> Value {
        .table([
            "anyOf": .list([
                .table(schema), .table(["type": .text("string"), "pattern": .text("\\$\\{")]),
            ])
        ])
    }

    private static func matrix(_ summary: String) -> Value {
        named(
            ["description": .text(summary)],
            .table([
                "anyOf": .list([
                    .table([
                        "type": .text("array"), "minItems": .integer(1), "uniqueItems": .flag(true),
                        "items": .table([
                            "type": .list([.text("string"), .text("number"), .text("boolean")])
                        ]),
                    ]),
                    .table(["type": .text("string"), "pattern": .text("\\$\\{")]),
                ])
            ]))
    }

    private static func sources(_ summary: String) -> Value {
        let name = Value.table(["type": .text("string")])
        return .table([
            "description": .text(summary),
            "anyOf": .list([name, .table(["type": .text("array"), "items": name])]),
        ])
    }

    private static func text(_ summary: String) -> Value {
        .table(["type": .text("string"), "description": .text(summary)])
    }

    /// An object with the properties listed and no other.
    private static func object(
        _ more: [String: Value], properties: () -> [String: Value], required: () -> [String]
    ) -> Value {
        var schema = more
        schema["type"] = .text("object")
        schema["properties"] = .table(properties())
        schema["additionalProperties"] = .flag(false)
        let required = required()
        if !required.isEmpty { schema["required"] = .list(required.map { .text($0) }) }
        return .table(schema)
    }

    /// An object whose keys people choose.
    private static func named(_ more: [String: Value], _ member: Value) -> Value {
        var schema = more
        schema["type"] = .text("object")
        schema["propertyNames"] = .table(["pattern": .text("^[A-Za-z][A-Za-z0-9_-]{0,63}$")])
        schema["additionalProperties"] = member
        return .table(schema)
    }
}
