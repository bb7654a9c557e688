import JSON
import Pipeline
import Testing

@Suite(.timeLimit(.minutes(10)))
struct LanguageSchemaTests {
    private let schema = JSONValue(json: LanguageSchema.json(kinds: Samples.kinds))

    @Test("A file with a name is a pipeline, any other file a fragment")
    func top() {
        #expect(schema?["$schema"] == .string("https://json-schema.org/draft/2020-12/schema"))
        #expect(schema?["if"] == .object(["required": .array([.string("name")])]))
        #expect(schema?["then"] == .object(["$ref": .string("#/$defs/pipeline")]))
        #expect(schema?["else"] == .object(["$ref": .string("#/$defs/fragment")]))
    }

    @Test("A pipeline needs a name and stages, a fragment stages")
    func keys() {
        let pipeline = schema?["$defs"]?["pipeline"]
        let fragment = schema?["$defs"]?["fragment"]
        #expect(pipeline?["required"] == .array([.string("name"), .string("stages")]))
        #expect(fragment?["required"] == .array([.string("stages")]))
        for file in [pipeline, fragment] {
            #expect(file?["additionalProperties"] == .bool(false))
            #expect(
                file?["properties"]?["stages"]?["additionalProperties"]
                    == .object(["$ref": .string("#/$defs/stage")]))
        }
    }

    @Test("The schema has the keys that the program accepts")
    func acceptedKeys() {
        func keys(_ definition: String) -> Set<String> {
            guard case .object(let keys)? = schema?["$defs"]?[definition]?["properties"] else {
                return []
            }
            return Set(keys.keys)
        }
        #expect(
            keys("pipeline") == [
                "name", "description", "params", "matrix", "defaults", "targets", "stages",
            ])
        #expect(keys("fragment") == ["description", "inputs", "params", "outputs", "stages"])
    }

    @Test("An input of a fragment is an artifact type, which may be optional")
    func inputs() {
        let input = schema?["$defs"]?["fragment"]?["properties"]?["inputs"]?["additionalProperties"]
        guard case .array(let types)? = input?["enum"] else {
            Issue.record("no types")
            return
        }
        #expect(types.contains(.string("model")) && types.contains(.string("model?")))
        #expect(types.count == 2 * ArtifactType.allCases.count)
    }

    @Test("A stage may be of the kinds there are")
    func kinds() {
        let stage = schema?["$defs"]?["stage"]
        guard case .array(let either)? = stage?["properties"]?["uses"]?["anyOf"],
            case .array(let uses)? = either.first?["oneOf"]
        else {
            Issue.record("no kinds")
            return
        }
        #expect(uses.map { $0["const"] } == Samples.kinds.map { .string($0.name) })
    }

    @Test("The rules of a kind have its inputs, options, ranges and defaults")
    func rules() {
        let stage = schema?["$defs"]?["stage"]
        guard case .array(let branches)? = stage?["allOf"] else {
            Issue.record("no rules")
            return
        }
        let rules = branches[1]["then"]
        #expect(rules?["required"] == .array([.string("in"), .string("with")]))
        #expect(rules?["properties"]?["in"]?["required"] == .array([.string("data")]))
        let rate = rules?["properties"]?["with"]?["properties"]?["learning_rate"]
        #expect(rate?["default"] == nil)
        guard case .array(let either)? = rate?["anyOf"] else {
            Issue.record("no type")
            return
        }
        #expect(either[0]["exclusiveMinimum"] == .integer(0))
        #expect(either[1]["pattern"] == .string("\\$\\{"))
    }

    @Test("The schema knows pools, retries and timeouts")
    func trials() {
        let stage = schema?["$defs"]?["stage"]?["properties"]
        #expect(stage?["timeout"]?["type"] == .string("string"))
        guard case .array(let retry)? = stage?["retry"]?["anyOf"],
            case .array(let pool)? = stage?["resources"]?["additionalProperties"]?["anyOf"]
        else {
            Issue.record("no counts")
            return
        }
        #expect(retry[0]["maximum"] == .integer(100))
        #expect(pool[0]["minimum"] == .integer(1))
    }

    @Test("Of alternative options the rules want exactly one")
    func alternatives() {
        let schema = JSONValue(json: LanguageSchema.json(kinds: [Samples.tune]))
        let stage = schema?["$defs"]?["stage"]
        guard case .array(let branches)? = stage?["allOf"] else {
            Issue.record("no rules")
            return
        }
        let rules = branches[0]["then"]
        #expect(rules?["required"] == .array([.string("with")]))
        #expect(
            rules?["properties"]?["with"]?["allOf"]
                == .array([
                    .object([
                        "oneOf": .array([
                            .object(["required": .array([.string("steps")])]),
                            .object(["required": .array([.string("epochs")])]),
                        ])
                    ])
                ]))
    }
}
