import Pipeline
import Testing

@Suite(.timeLimit(.minutes(10)))
struct LanguageSchemaTests {
    private let schema = Value(json: LanguageSchema.json(kinds: Samples.kinds))

    @Test("The schema is JSON of the draft it names and asks for a name and stages")
    func top() {
        #expect(schema?["$schema"] == .text("https://json-schema.org/draft/2020-12/schema"))
        #expect(schema?["required"] == .list([.text("name"), .text("stages")]))
        #expect(schema?["additionalProperties"] == .flag(false))
    }

    @Test("A stage may be of the kinds there are")
    func kinds() {
        let stage = schema?["properties"]?["stages"]?["additionalProperties"]
        guard case .list(let either)? = stage?["properties"]?["uses"]?["anyOf"],
            case .list(let uses)? = either.first?["oneOf"]
        else {
            Issue.record("no kinds")
            return
        }
        #expect(uses.map { $0["const"] } == Samples.kinds.map { .text($0.name) })
    }

    @Test("The rules of a kind have its inputs, options, ranges and defaults")
    func rules() {
        let stage = schema?["properties"]?["stages"]?["additionalProperties"]
        guard case .list(let branches)? = stage?["allOf"] else {
            Issue.record("no rules")
            return
        }
        let rules = branches[1]["then"]
        #expect(rules?["required"] == .list([.text("in"), .text("with")]))
        #expect(rules?["properties"]?["in"]?["required"] == .list([.text("data")]))
        let rate = rules?["properties"]?["with"]?["properties"]?["learning_rate"]
        #expect(rate?["default"] == nil)
        guard case .list(let either)? = rate?["anyOf"] else {
            Issue.record("no type")
            return
        }
        #expect(either[0]["exclusiveMinimum"] == .integer(0))
        #expect(either[1]["pattern"] == .text("\\$\\{"))
    }

    @Test("The schema knows pools, retries and timeouts")
    func trials() {
        let stage = schema?["properties"]?["stages"]?["additionalProperties"]?["properties"]
        #expect(stage?["timeout"]?["type"] == .text("string"))
        guard case .list(let retry)? = stage?["retry"]?["anyOf"],
            case .list(let pool)? = stage?["resources"]?["additionalProperties"]?["anyOf"]
        else {
            Issue.record("no counts")
            return
        }
        #expect(retry[0]["maximum"] == .integer(100))
        #expect(pool[0]["minimum"] == .integer(1))
    }

    @Test("Of alternative options the rules want exactly one")
    func alternatives() {
        let schema = Value(json: LanguageSchema.json(kinds: [Samples.tune]))
        let stage = schema?["properties"]?["stages"]?["additionalProperties"]
        guard case .list(let branches)? = stage?["allOf"] else {
            Issue.record("no rules")
            return
        }
        let rules = branches[0]["then"]
        #expect(rules?["required"] == .list([.text("with")]))
        #expect(
            rules?["properties"]?["with"]?["allOf"]
                == .list([
                    .table([
                        "oneOf": .list([
                            .table(["required": .list([.text("steps")])]),
                            .table(["required": .list([.text("epochs")])]),
                        ])
                    ])
                ]))
    }
}
