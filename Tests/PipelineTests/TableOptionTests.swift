import Files
import JSON
import Pipeline
import Testing

@Suite(.timeLimit(.minutes(10)))
struct TableOptionTests {
    private static let kind = StageKind(
        name: "sample", version: 1, summary: "Samples.",
        outputs: [StageKind.Output("traces", .traces, "Traces.")],
        options: [
            StageKind.Option(
                "backend",
                .table([
                    StageKind.Option("kind", .choice(["vllm", "sglang"]), default: nil, "A kind."),
                    StageKind.Option("version", .text, default: nil, "A version."),
                    StageKind.Option(
                        "urls", .list(.text), default: nil, affectsResult: false, "Addresses."),
                    StageKind.Option("limit", .number(0...1), default: .number(0), "A share."),
                    StageKind.Option("key", .text, default: .null, affectsResult: false, "A file."),
                ]), default: .null, keyHasDefault: false, "Servers.")
        ])

    private func parse(_ options: String, params: String = "{}") -> Checked<Pipeline> {
        Samples.parse(
            """
            name: p
            params: \(params)
            stages: { s: { uses: sample, with: \(options) } }
            """, kinds: [Self.kind])
    }

    private func stage(_ options: String, params: String = "{}") throws -> PlannedStage {
        let plan = try #require(parse(options, params: params).value).plan { Digest(of: $0) }
        return try #require(plan.value?["s"])
    }

    private func messages(_ options: String) -> [String] {
        parse(options).diagnostics.map { "\($0.message): \($0.remedy ?? "")" }
    }

    @Test("Fields have their types, defaults and references")
    func fields() throws {
        let stage = try stage(
            """
            { backend: { kind: vllm, version: "${params.version}", urls: ["http://${params.host}:1"] } }
            """, params: "{ version: 0.32.0, host: n1 }")
        #expect(
            stage.options.values["backend"]
                == .object([
                    "kind": .string("vllm"), "version": .string("0.32.0"),
                    "urls": .array([.string("http://n1:1")]), "limit": .number(0), "key": .null,
                ]))
    }

    @Test("The key has only the fields that affect the result")
    func key() throws {
        let first = try stage("{ backend: { kind: vllm, version: 1.0, urls: [a] } }")
        #expect(
            first.keyDocument(inputs: [:]).canonical == """
                {"files":{},"inputs":{},"kind":"sample","options":{"backend":{"kind":"vllm",\
                "limit":0,"version":"1.0"}},"version":1}
                """)
        let moved = try stage("{ backend: { kind: vllm, version: 1.0, urls: [b, c], key: k } }")
        #expect(moved.keyDocument(inputs: [:]).key == first.keyDocument(inputs: [:]).key)
        let other = try stage("{ backend: { kind: sglang, version: 1.0, urls: [a] } }")
        #expect(
            other.keyDocument(inputs: [:]).differences(from: first.keyDocument(inputs: [:]))
                == ["with.backend.kind vllm -> sglang"])
    }

    @Test(
        "A key without the table is that from before the option existed",
        arguments: ["{}", "{ backend: null }"])
    func absent(_ options: String) throws {
        #expect(
            try stage(options).keyDocument(inputs: [:]).canonical
                == #"{"files":{},"inputs":{},"kind":"sample","options":{},"version":1}"#)
    }

    @Test("Mistakes name the field")
    func mistakes() {
        #expect(
            Set(messages("{ backend: { kind: vllm, version: 1, url: a } }")) == [
                "`backend` has no option `url`: did you mean `urls`?",
                "`backend` needs the option `urls`: add `urls: ` under `backend`: a list, each a text",
            ])
        #expect(
            messages("{ backend: { kind: tgi, version: 1, urls: [a], limit: 2 } }") == [
                "the option `backend.kind` cannot be `tgi`: write `vllm` or `sglang`",
                "the option `backend.limit` must be a number from 0 to 1, not `2`: the default is `0`",
            ])
        #expect(
            messages("{ backend: vllm }") == [
                "the option `backend` must be a table with `kind`, `version`, `urls`, `limit`, `key`, not the text \"vllm\": "
            ])
    }

    @Test("Editors know the fields")
    func schema() throws {
        let schema = JSONValue(json: LanguageSchema.json(kinds: [Self.kind]))
        guard case .array(let branches)? = schema?["$defs"]?["stage"]?["allOf"],
            case .array(let either)? = branches[0]["then"]?["properties"]?["with"]?["properties"]?[
                "backend"]?["anyOf"]
        else {
            Issue.record("no option")
            return
        }
        #expect(either[0]["type"] == .string("object"))
        #expect(
            either[0]["required"]
                == .array([.string("kind"), .string("version"), .string("urls")]))
        #expect(either[0]["properties"]?["limit"]?["default"] == .integer(0))
        #expect(either.last == .object(["type": .string("null")]))
    }
}
