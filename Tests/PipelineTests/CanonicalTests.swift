import Files
import JSON
import Pipeline
import Testing

@Suite(.timeLimit(.minutes(10)))
struct CanonicalTests {
    @Test(
        "A canonical spelling is read back as the value it came from",
        arguments: [
            JSONValue.null, .bool(true), .integer(-7), .integer(.min), .number(0.001),
            .number(-1e-300),
            .string(""), .string("a\"b\\c\n\t\r\u{1}ü🐦"), .array([]), .object([:]),
            .object(["b": .array([.integer(1), .null]), "a": .object(["": .string("x")])]),
        ])
    func readBack(value: JSONValue) {
        #expect(JSONValue(json: value.canonical) == value)
        #expect(JSONValue(json: value.indented) == value)
    }

    @Test("Blanks, escapes and surrogates of other JSON are read too")
    func otherJSON() {
        #expect(
            JSONValue(json: #" { "a" : [ 1 , "\ud83d\udc26\/\u00fc\b" ] } "#)
                == .object(["a": .array([.integer(1), .string("🐦/ü\u{8}")])]))
    }

    @Test(
        "Invalid JSON is refused",
        arguments: [
            "", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "\"a", "tru", "1 2", "-", "1e999",
            #""\ud83d""#, #""\x""#, #""\u12"#, "{a:1}", String(repeating: "[", count: 100),
        ])
    func refused(text: String) {
        #expect(JSONValue(json: text) == nil)
    }

    @Test("A document has the definition of another with other inputs, and of no other")
    func definition() throws {
        let plan = try Samples.plan(
            """
            name: p
            stages:
              q: { uses: ingest.countdown }
              t: { uses: train.sft, in: { data: q }, with: { learning_rate: 1e-3 } }
              u: { uses: train.sft, in: { data: q }, with: { learning_rate: 1e-4 } }
            """)
        let stage = try #require(plan["t"])
        let known = stage.keyDocument(inputs: ["data": [Digest(of: "a")]])
        #expect(stage.keyDocument(inputs: [:]).hasDefinition(ofText: known.canonical))
        let other = try #require(plan["u"]).keyDocument(inputs: [:])
        #expect(!other.hasDefinition(ofText: known.canonical))
    }

    @Test(
        "Work is alike with another seed, shard or input, and not with another option or number of shards"
    )
    func likeWork() throws {
        let plan = try Samples.plan(
            """
            name: p
            stages:
              a: { uses: ingest.countdown, with: { train: 8 } }
              b: { uses: ingest.countdown, with: { train: 8, seed: 3 } }
              c: { uses: ingest.countdown, with: { train: 9 } }
            """)
        let (a, b, c) = try (
            #require(plan["a"]), #require(plan["b"]), #require(plan["c"])
        )
        #expect(LikeWork(a) == LikeWork(b))
        #expect(LikeWork(a) != LikeWork(c))
        let document = b.keyDocument(inputs: ["data": [Digest(of: "x")]]).canonical
        #expect(LikeWork(document: document) == LikeWork(a))
        func shard(_ text: String) -> LikeWork? {
            LikeWork(
                document:
                    #"{"files":{},"inputs":{},"kind":"k","options":{"shard":"\#(text)"},"version":1}"#
            )
        }
        #expect(shard("0/4") != nil)
        #expect(shard("0/4") == shard("3/4"))
        #expect(shard("0/4") != shard("0/2"))
        #expect(LikeWork(document: "{}") == nil)
    }
}
