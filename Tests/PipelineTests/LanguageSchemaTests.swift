import JSON
import Pipeline
import Testing

@Suite(.timeLimit(.minutes(10)))
struct LanguageSchemaTests {
    private let schema = JSONValue(json: LanguageSchema.json(kinds: Samples.kinds))

    @Test("The schema is JSON Schema of the draft that it names and requires `name` and `stages`")
    func top() {
        #expect(schema?["$schema"] == .string("https://json-schema.org/draft/2020-12/schema"))
        #expect(schema?["required"] == .array([.string("name"), .string("stages")]))
        #expect(schema?["additionalProperties"] == .bool(false))
    }

    @Test("A stage may be of the kinds there are")
    func kinds() {
        let stage = schema?["properties"]?["stages"]?["additionalProperties"]
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
        let stage = schema?["properties"]?["stages"]?["additionalProperties"]
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
        let stage = schema?["properties"]?["stages"]?["additionalProperties"]?["properties"]
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
        let stage = schema?["properties"]?["stages"]?["additionalProperties"]
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
