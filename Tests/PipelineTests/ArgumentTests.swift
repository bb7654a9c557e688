import Files
import JSON
import Testing

import Pipeline

@Suite("Arguments and values", .timeLimit(.minutes(10)))
struct ArgumentTests {
    /// The elements of `argv` as the stage gets them.
    private func arguments(
        _ element: String, parameters: String = "x: 1", settings: [String: String] = [:]
    ) throws -> [String] {
        let stage = try plan(element, parameters: parameters, settings: settings)
        return stage.options.list("argv").compactMap(\.inText)
    }

    private func plan(
        _ element: String, parameters: String = "x: 1", settings: [String: String] = [:],
        more: String = ""
    ) throws -> PlannedStage {
        let text = """
            name: p
            params: { \(parameters) }
            stages:
              a:
                uses: command
                matrix: { seed: [0, 1] }
                with: { argv: [a, "${matrix.seed}"] }
              b:
                uses: command
                in: { parts: a }
                with: { argv: [\(element)] }
            \(more)
            """
        let parsed = Pipeline.parse(
            SourceFile(path: "p.yaml", text: text), kinds: [Samples.command], overrides: settings)
        let pipeline = try #require(parsed.value, "\(parsed.diagnostics)")
        let plan = pipeline.plan(digestOfFile: { _ in Digest(of: "") })
        let known = try #require(plan.value)
        return try #require(known["b"])
    }

    @Test(
        "Numbers keep their spelling inside texts",
        arguments: [
            ("1.10", "v1.10"), ("007", "v007"), ("1234e56", "v1234e56"), ("1e-3", "v1e-3"),
            ("-5", "v-5"), ("12345678901234567890", "v12345678901234567890"), ("True", "vtrue"),
        ])
    func spelling(value: String, expected: String) throws {
        #expect(try arguments("\"v${params.x}\"", parameters: "x: \(value)") == [expected])
        #expect(
            try arguments("\"v${params.x}\"", settings: ["x": value]) == [expected])
        #expect(
            try arguments("\"v${params.y}\"", parameters: "x: \(value), y: \"${params.x}\"")
                == [expected])
    }

    @Test(
        "A --set value is whole: as a number, a list, a text in quotes or the text that it is",
        arguments: [
            ("Run #3", .string("Run #3")), ("one\ntwo", .string("one\ntwo")), ("|", .string("|")),
            (">", .string(">")), ("a: b", .string("a: b")), (" x ", .string(" x ")),
            ("- a", .string("- a")),
            ("&a b", .string("&a b")), ("*a", .string("*a")), ("!!str 5", .string("!!str 5")),
            ("# x", .string("# x")), ("it's", .string("it's")), ("%", .string("%")),
            ("", .string("")),
            ("1.5", .number(1.5)), ("3", .integer(3)), ("true", .bool(true)), ("null", .null),
            ("'3'", .string("3")), ("\"a\\nb #\"", .string("a\nb #")),
            ("[1, a]", .array([.integer(1), .string("a")])),
            ("12345678901234567890", .string("12345678901234567890")),
            ("\u{E0A0}", .string("\u{E0A0}")),
        ] as [(String, JSONValue)])
    func settings(text: String, expected: JSONValue) throws {
        let parsed = Pipeline.parse(
            SourceFile(
                path: "p",
                text:
                    "name: p\nparams: { x: 1 }\nstages: { a: { uses: command, with: { argv: [a] } } }"
            ),
            kinds: [Samples.command], overrides: ["x": text])
        #expect(parsed.value?.parameters["x"] == expected)
    }

    @Test(
        "A --set value that YAML would shorten is refused",
        arguments: [
            "[1, 2] # x", "\"a\nb\"", "'a\nb'", "[1,\n2]", "[1", "\"a", "'a' b", "[a] b [c]",
            "{a: 1}",
            "\"a\\0b\"", "[a, # b]",
        ])
    func refusedSettings(text: String) {
        let parsed = Pipeline.parse(
            SourceFile(
                path: "p",
                text:
                    "name: p\nparams: { x: 1 }\nstages: { a: { uses: command, with: { argv: [a] } } }"
            ),
            kinds: [Samples.command], overrides: ["x": text])
        #expect(parsed.diagnostics.contains { $0.message.contains("cannot read the value") })
    }

    @Test(
        "An inserted value is not expanded again",
        arguments: [
            "${out.out}", "${in.parts}", "$${out.out}", "$$${in.parts}", "$", "$$", "${in.parts",
            "${params.x}", "a$", "${stage.work}", "$${stage.work}",
        ])
    func onePass(text: String) throws {
        for element in ["\"${params.x}\"", "\"-${params.x}-\"", "\"${params.x}${in.parts}\""] {
            let argument = try #require(
                try arguments(element, settings: ["x": text]).first)
            let wanted: [ArgumentTemplate.Part] =
                switch element.count {
                case 13: [.text(text)]
                case 15: [.text("-\(text)-")]
                default: [.text(text), .input("parts")]
                }
            #expect(ArgumentTemplate(argument).parts == wanted, "\(element): \(argument)")
        }
    }

    @Test("A doubled dollar is the text itself, before directories too")
    func escapes() throws {
        let argument = try arguments("'$${out.out} $${HOME} ${out.out} $5'")[0]
        #expect(
            ArgumentTemplate(argument).parts == [
                .text("${out.out} ${HOME} "), .output("out"), .text(" $5"),
            ])
        // Texts without such escapes are in the key as they always were.
        #expect(try arguments("'${in.parts} $${HOME} $1'")[0] == "${in.parts} ${HOME} $1")
    }

    @Test(
        "The work directory is a reference, and its name alone and other words of its scope are text"
    )
    func work() throws {
        let argument = try arguments("'--resume=${stage.work}/last $${stage.work} $${stage.name}'")[
            0]
        #expect(
            ArgumentTemplate(argument).parts == [
                .text("--resume="), .work, .text("/last ${stage.work} ${stage.name}"),
            ])
        // Other texts are in the key as they always were.
        #expect(try arguments("'$${work} $${stage.name}'")[0] == "${work} ${stage.name}")
    }

    @Test("A manifest lists stages and coordinates, which are then part of the key")
    func manifest() throws {
        let stage = try plan("\"${in.parts.manifest}\"")
        #expect(
            stage.options.values["manifests"]?.canonical
                == #"{"parts":[{"axes":{"seed":0},"output":"out","stage":"a[seed=0]"},"#
                + #"{"axes":{"seed":1},"output":"out","stage":"a[seed=1]"}]}"#)
        #expect(stage.keyDocument(inputs: [:]).canonical.contains("a[seed=1]"))
        #expect(try plan("\"${in.parts}\"").options.values["manifests"] == nil)
    }

    @Test("Characters of the private areas are text, and stand for nothing else")
    func privateCharacters() throws {
        for character in ["\u{E000}", "\u{E0A0}", "\u{E100}", "\u{F0000}", "\u{10FFFD}"] {
            #expect(
                try arguments("\"\(character) {${params.x}}\"") == ["\(character) {1}"])
        }
        #expect(try arguments(#""\U000F0000\U000F0001\uE000""#) == ["\u{F0000}\u{F0001}\u{E000}"])
    }

    @Test("Zero bytes, merge keys and inexact numbers are refused in words")
    func refused() {
        func messages(_ stage: String) -> [String] {
            Pipeline.parse(
                SourceFile(
                    path: "p", text: "name: p\nparams: { d: &d { x: 1 } }\nstages:\n  a: \(stage)\n"
                ),
                kinds: [Samples.command, Samples.train]
            ).diagnostics.map(\.message)
        }
        #expect(
            messages(#"{ uses: command, with: { argv: ["a\0b"] } }"#)
                .contains("a text contains a zero byte, at which the system would truncate it"))
        #expect(
            messages(#"{ uses: command, with: { <<: *d } }"#)
                .contains("merge keys (`<<`) are not supported"))
    }
}
