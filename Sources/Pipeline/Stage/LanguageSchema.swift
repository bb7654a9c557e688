import JSON

/// The JSON Schema (draft 2020-12) of pipeline files and of fragments, for completion and checks in editors. One schema
/// accepts both, so that an editor needs no rule to tell the files apart: a file with a `name` is a pipeline.
package enum LanguageSchema {
    /// The schema for files that may use `kinds`, indented.
    package static func json(kinds: [StageKind]) -> String {
        JSONValue.object([
            "$schema": .string("https://json-schema.org/draft/2020-12/schema"),
            "title": .string("A Vireo pipeline or fragment"),
            "type": .string("object"),
            // Completed in a new file, which is a fragment before it has a name.
            "properties": .object(["name": name]),
            "if": .object(["required": .array([.string("name")])]),
            "then": reference(to: "pipeline"),
            "else": reference(to: "fragment"),
            "$defs": .object([
                "pipeline": pipeline, "fragment": fragment, "stage": stage(kinds),
            ]),
        ]).indented + "\n"
    }

    private static var name: JSONValue {
        text("The name of the experiment, a single word. A fragment has none.")
    }

    private static func reference(to definition: String) -> JSONValue {
        .object(["$ref": .string("#/$defs/\(definition)")])
    }

    private static var pipeline: JSONValue {
        object(["title": .string("A Vireo pipeline")]) {
            [
                "name": name,
                "description": text("A description of the experiment."),
                "params": named(
                    ["description": .string("Values that `${params.name}` refers to.")],
                    .bool(true)),
                "matrix": matrix("Axes of every stage, except for stages with `matrix: {}`."),
                "defaults": defaults,
                "targets": named(
                    [
                        "description": .string(
                            "Named sets of stages, as in `vireo run FILE TARGET`.")
                    ],
                    sources("A stage or a list of stages.")),
                "stages": stages("The stages of the pipeline."),
            ]
        } required: {
            ["name", "stages"]
        }
    }

    private static var fragment: JSONValue {
        let types = ArtifactType.allCases.map(\.rawValue)
        return object(["title": .string("A Vireo fragment")]) {
            [
                "description": text("A description of the fragment."),
                "inputs": named(
                    [
                        "description": .string(
                            "Artifact types by name; stages read an input as `inputs.name`. A `?` "
                                + "after the type makes the input optional.")
                    ],
                    .object(["enum": .array((types + types.map { "\($0)?" }).map { .string($0) })])),
                "params": named(
                    [
                        "description": .string(
                            "Options with their defaults. The stage that uses the fragment must "
                                + "give those without a value.")
                    ],
                    .bool(true)),
                "outputs": named(
                    [
                        "description": .string(
                            "Names for outputs of the stages; the first is the main one.")
                    ],
                    text("A stage or `stage.output`.")),
                "stages": stages("The stages of the fragment."),
            ]
        } required: {
            ["stages"]
        }
    }

    private static func stages(_ summary: String) -> JSONValue {
        named(
            ["description": .string(summary), "minProperties": .integer(1)],
            reference(to: "stage"))
    }

    private static var defaults: JSONValue {
        object(["description": .string("Defaults for all stages.")]) {
            [
                "with": .object([
                    "type": .string("object"),
                    "description": .string("Default options of stages whose kind declares them."),
                ]), "resources": resources,
            ]
        } required: {
            []
        }
    }

    private static func stage(_ kinds: [StageKind]) -> JSONValue {
        let names = kinds.map { kind in
            JSONValue.object(["const": .string(kind.name), "description": .string(kind.summary)])
        }
        let branches = kinds.map { kind in
            JSONValue.object([
                "if": .object([
                    "properties": .object(["uses": .object(["const": .string(kind.name)])]),
                    "required": .array([.string("uses")]),
                ]),
                "then": rules(of: kind),
            ])
        }
        return object(["allOf": .array(branches)]) {
            [
                "uses": .object([
                    "anyOf": .array([
                        .object(["oneOf": .array(names)]),
                        .object([
                            "type": .string("string"), "pattern": .string("\\$\\{|^\\.{0,2}/"),
                            "description": .string("A fragment, such as ./arm.yaml."),
                        ]),
                    ])
                ]),
                "description": text("A description of the stage."),
                "in": .object(["type": .string("object")]),
                "with": .object(["type": .string("object")]),
                "needs": sources("Stages that must finish first, without being inputs."),
                "matrix": matrix(
                    "Axes; the stage has one instance for each combination of values."),
                "replicates": sources(
                    "Axes whose values number repetitions, each with an execution of its own."),
                "resources": resources,
                "retry": orReference([
                    "type": .string("integer"), "minimum": .integer(0), "maximum": .integer(100),
                    "description": .string("The number of retries after a failure."),
                ]),
                "timeout": text("The time limit of an attempt, such as 30m, 2h or 1d12h."),
            ]
        } required: {
            ["uses"]
        }
    }

    private static func rules(of kind: StageKind) -> JSONValue {
        let needsInputs = kind.inputs.filter(\.isRequired).map(\.name)
        let needsOptions = kind.options.filter { $0.fallback == nil }.map(\.name)
        let inputs = Dictionary(
            kind.inputs.map { input in
                let summary = "\(input.summary) (\(input.type.rawValue))"
                return (input.name, input.isGathered ? sources(summary) : text(summary))
            }
        ) { first, _ in first }
        let options = Dictionary(kind.options.map { ($0.name, option($0)) }) { first, _ in first }
        let place: JSONValue =
            kind.isOpen
            ? .object([
                "type": .string("object"), "additionalProperties": sources("A stage or an output."),
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
            JSONValue.object([
                "oneOf": .array(group.map { .object(["required": .array([.string($0)])]) })
            ])
        }
        return .object([
            "properties": .object([
                "in": place,
                "with": object(alternatives.isEmpty ? [:] : ["allOf": .array(alternatives)]) {
                    options
                } required: {
                    needsOptions
                },
            ]),
            "required": .array(required.map { .string($0) }),
        ])
    }

    private static func option(_ option: StageKind.Option) -> JSONValue {
        var schema: [String: JSONValue] = ["description": .string(option.summary)]
        schema["anyOf"] = .array([
            .object(self.schema(of: option.type)),
            .object(["type": .string("string"), "pattern": .string("\\$\\{")]),
        ])
        if let fallback = option.fallback, fallback != .null { schema["default"] = fallback }
        if option.fallback == .null, case .array(let either)? = schema["anyOf"] {
            schema["anyOf"] = .array(either + [.object(["type": .string("null")])])
        }
        return .object(schema)
    }

    private static func schema(of type: OptionType) -> [String: JSONValue] {
        switch type {
        case .integer(let range):
            var schema: [String: JSONValue] = ["type": .string("integer")]
            if range.lowerBound != .min { schema["minimum"] = .integer(range.lowerBound) }
            if range.upperBound != .max { schema["maximum"] = .integer(range.upperBound) }
            return schema
        case .number(let range):
            var schema: [String: JSONValue] = ["type": .string("number")]
            if range.lowerBound == .leastNonzeroMagnitude {
                schema["exclusiveMinimum"] = .integer(0)
            } else if range.lowerBound > -.greatestFiniteMagnitude {
                schema["minimum"] = .number(range.lowerBound)
            }
            if range.upperBound < .greatestFiniteMagnitude {
                schema["maximum"] = .number(range.upperBound)
            }
            return schema
        case .text:
            return ["type": .array([.string("string"), .string("number"), .string("boolean")])]
        case .flag: return ["type": .string("boolean")]
        case .choice(let choices): return ["enum": .array(choices.map { .string($0) })]
        case .list(let element):
            return ["type": .string("array"), "items": .object(schema(of: element))]
        case .map: return ["type": .string("object")]
        case .table(let fields):
            let properties = fields.map { ($0.name, self.option($0)) }
            let required = fields.filter { $0.fallback == nil }.map { JSONValue.string($0.name) }
            return [
                "type": .string("object"), "additionalProperties": .bool(false),
                "properties": .object(Dictionary(properties) { first, _ in first }),
                "required": .array(required),
            ]
        case .shard: return ["type": .string("string"), "pattern": .string("^[0-9]+/[1-9][0-9]*$")]
        case .file, .path, .directory: return ["type": .string("string"), "minLength": .integer(1)]
        }
    }

    private static var resources: JSONValue {
        let count = orReference(["type": .string("integer"), "minimum": .integer(1)])
        let gpus = orReference(["type": .string("integer"), "minimum": .integer(0)])
        return named(
            [
                "description": .string(
                    "The resources that the stage needs; other names are pools, such as gpu: 1."),
                "properties": .object([
                    "cpus": count, "nodes": count, "gpus": gpus,
                    "memory": text("Such as 2GB or 512MiB."),
                    "time": text("Such as 30m, 2h or 1d12h."),
                ]),
            ], count)
    }

    /// `schema`, or a text with a reference.
    private static func orReference(_ schema: [String: JSONValue]) -> JSONValue {
        .object([
            "anyOf": .array([
                .object(schema),
                .object(["type": .string("string"), "pattern": .string("\\$\\{")]),
            ])
        ])
    }

    private static func matrix(_ summary: String) -> JSONValue {
        let values = JSONValue.object([
            "type": .string("array"), "minItems": .integer(1), "uniqueItems": .bool(true),
            "items": .object([
                "type": .array([.string("string"), .string("number"), .string("boolean")])
            ]),
        ])
        let reference = JSONValue.object([
            "type": .string("string"), "pattern": .string("\\$\\{"),
        ])
        let long = object([:]) {
            [
                "values": .object(["anyOf": .array([values, reference])]),
                "replicate": .object([
                    "type": .string("boolean"),
                    "description": .string(
                        "Whether each value is a repetition with an execution of its own."),
                ]),
            ]
        } required: {
            ["values"]
        }
        return named(
            ["description": .string(summary)],
            .object(["anyOf": .array([values, reference, long])]))
    }

    private static func sources(_ summary: String) -> JSONValue {
        let name = JSONValue.object(["type": .string("string")])
        return .object([
            "description": .string(summary),
            "anyOf": .array([name, .object(["type": .string("array"), "items": name])]),
        ])
    }

    private static func text(_ summary: String) -> JSONValue {
        .object(["type": .string("string"), "description": .string(summary)])
    }

    /// An object with only the listed properties.
    private static func object(
        _ more: [String: JSONValue], properties: () -> [String: JSONValue], required: () -> [String]
    ) -> JSONValue {
        var schema = more
        schema["type"] = .string("object")
        schema["properties"] = .object(properties())
        schema["additionalProperties"] = .bool(false)
        let required = required()
        if !required.isEmpty { schema["required"] = .array(required.map { .string($0) }) }
        return .object(schema)
    }

    /// An object with user-defined keys.
    private static func named(_ more: [String: JSONValue], _ member: JSONValue) -> JSONValue {
        var schema = more
        schema["type"] = .string("object")
        schema["propertyNames"] = .object(["pattern": .string("^[A-Za-z][A-Za-z0-9_-]{0,63}$")])
        schema["additionalProperties"] = member
        return .object(schema)
    }
}
