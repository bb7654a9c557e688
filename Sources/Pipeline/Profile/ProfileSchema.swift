import JSON

/// The JSON Schema (draft 2020-12) of profiles, for completion and checks in editors.
package enum ProfileSchema {
    /// The schema, indented.
    package static var json: String {
        var schema = table(ProfileReader.keys)
        schema["$schema"] = .string("https://json-schema.org/draft/2020-12/schema")
        schema["title"] = .string("A Vireo profile")
        schema["required"] = .array([.string("system")])
        let slurm = JSONValue.object(["const": .string(Profile.System.slurm.rawValue)])
        schema["if"] = .object(["properties": .object(["system": slurm])])
        schema["then"] = .object(["required": .array([.string("shared")])])
        return JSONValue.object(schema).indented + "\n"
    }

    /// The schema of a table with the given keys and no others.
    static func table<Target>(
        _ keys: [ProfileKey<Target>], rules: [String: JSONValue] = [:]
    ) -> [String: JSONValue] {
        var schema = rules
        schema["type"] = .string("object")
        schema["additionalProperties"] = .bool(false)
        schema["properties"] = .object(
            Dictionary(
                keys.map { key in
                    let summary = ["description": JSONValue.string(key.summary)]
                    return (key.name, .object(key.schema.merging(summary) { own, _ in own }))
                },
                uniquingKeysWith: { first, _ in first }))
        return schema
    }
}
