import Foundation
import JSON
import Pipeline
import Testing

@Suite(.timeLimit(.minutes(10)))
struct FragmentTests {
    /// Trains on the questions it is given and samples from the model.
    private static let arm = """
        description: Trains and samples.
        inputs: { data: questions, start: model? }
        params:
          rate:
          count: 4
          note: "n${params.count}"
        outputs: { traces: drawn, model: tuned.model }
        stages:
          tuned:
            uses: train.sft
            in: { data: inputs.data, model: inputs.start }
            with: { learning_rate: "${params.rate}" }
          drawn:
            uses: sample.traces
            in: { model: tuned, questions: inputs.data }
            with: { per_question: "${params.count}", note: "${params.note}" }
        """

    private static let pipeline = """
        name: test
        params: { rate: 0.5 }
        stages:
          questions: { uses: ingest.countdown }
          one:
            uses: ./arm.yaml
            in: { data: questions.train }
            with: { rate: "${params.rate}" }
          two:
            uses: ./arm.yaml
            in: { data: questions.train, start: one.model }
            with: { rate: "${matrix.digit}", count: 8 }
            matrix: { digit: [0.1, 0.2] }
          weights: { uses: weigh, in: { traces: [one, two] } }
        """

    private static func plan(_ text: String, _ overrides: [String: String] = [:]) throws -> Plan {
        try Samples.plan(text, overrides, fragments: ["lab/arm.yaml": arm])
    }

    private static func messages(
        _ text: String, _ fragments: [String: String] = ["lab/arm.yaml": arm]
    ) -> [String] {
        Samples.parse(text, fragments: fragments).diagnostics.map(\.description)
    }

    @Test("Fragments that a parameter chooses share parameters, which one of them need not use")
    func chosen() {
        let one = """
            params: { rows: }
            outputs: { questions: q.train }
            stages:
              q: { uses: ingest.countdown }
            """
        func warnings(_ path: String) -> [String] {
            Samples.parse(
                "name: p\nparams: { size: one }\nstages:\n"
                    + "  a: { uses: \(path), with: { rows: \"${params.size}\" } }\n",
                fragments: ["lab/one.yaml": one]
            ).diagnostics.map(\.message)
        }
        #expect(warnings("\"./${params.size}.yaml\"") == [])
        #expect(warnings("./one.yaml") == ["the parameter `rows` is not used"])
    }

    @Test("An axis may affect only stages of a fragment in the fragment")
    func nestedAxis() {
        let outer = """
            params: { rate: }
            outputs: { traces: inner.traces }
            stages:
              q: { uses: ingest.countdown }
              inner: { uses: ./arm.yaml, in: { data: q.train }, with: { rate: "${params.rate}" } }
            """
        let messages = Self.messages(
            """
            name: p
            stages:
              one:
                uses: ./outer.yaml
                matrix: { rate: [0.1, 0.2] }
                with: { rate: "${matrix.rate}" }
            """, ["lab/outer.yaml": outer, "lab/arm.yaml": Self.arm])
        #expect(messages == [])
    }

    @Test("The stages of a fragment are named after the stage that uses it")
    func names() throws {
        let plan = try Self.plan(Self.pipeline)
        #expect(
            plan.stages.map(\.id) == [
                "questions", "one/tuned", "one/drawn", "two/tuned[digit=0.1]",
                "two/tuned[digit=0.2]", "two/drawn[digit=0.1]", "two/drawn[digit=0.2]", "weights",
            ])
    }

    @Test("Inputs, outputs and parameters are those of the stage that uses the fragment")
    func values() throws {
        let plan = try Self.plan(Self.pipeline)
        let one = try #require(plan["one/drawn"])
        let two = try #require(plan["two/drawn[digit=0.2]"])
        let tuned = try #require(plan["two/tuned[digit=0.2]"])
        #expect(plan["one/tuned"]?.inputs.keys.sorted() == ["data"])
        #expect(plan["one/tuned"]?.options.number("learning_rate") == 0.5)
        #expect(tuned.inputs["model"] == [OutputReference(stage: "one/tuned", output: "model")])
        #expect(tuned.inputs["data"] == [OutputReference(stage: "questions", output: "train")])
        #expect(tuned.options.number("learning_rate") == 0.2)
        #expect(one.options.text("note") == "n4" && two.options.text("note") == "n8")
        #expect(
            plan["weights"]?.inputs["traces"]?.map(\.stage) == [
                "one/drawn", "two/drawn[digit=0.1]", "two/drawn[digit=0.2]",
            ])
    }

    @Test("A fragment gives the keys of the same stages written out")
    func keys() throws {
        let written = """
            name: other
            stages:
              data: { uses: ingest.countdown }
              a: { uses: train.sft, in: { data: data }, with: { learning_rate: 0.5 } }
              b:
                uses: sample.traces
                in: { model: a, questions: data }
                with: { note: n4, per_question: 4 }
            """
        func documents(_ plan: Plan, _ ids: [String]) -> [KeyDocument] {
            ids.compactMap { id in
                plan[id].map { $0.keyDocument(inputs: $0.inputs.mapValues { _ in [] }) }
            }
        }
        let expected = documents(try Samples.plan(written), ["a", "b"])
        #expect(expected.count == 2)
        #expect(documents(try Self.plan(Self.pipeline), ["one/tuned", "one/drawn"]) == expected)
    }

    @Test("A fragment may use another one, whose path starts from its own directory")
    func nested() throws {
        let outer = """
            inputs: { data: questions }
            outputs: { traces: inner.traces }
            stages:
              inner: { uses: ../arm.yaml, in: { data: inputs.data }, with: { rate: 0.1 } }
            """
        let plan = try Samples.plan(
            """
            name: test
            stages:
              questions: { uses: ingest.countdown }
              arm: { uses: ./parts/outer.yaml, in: { data: questions } }
              weights: { uses: weigh, in: { traces: arm }, needs: arm }
            """, fragments: ["lab/parts/outer.yaml": outer, "lab/parts/../arm.yaml": Self.arm])
        #expect(
            plan.stages.map(\.id) == [
                "questions", "arm/inner/tuned", "arm/inner/drawn", "weights",
            ])
        #expect(plan["weights"]?.after == ["arm/inner/tuned", "arm/inner/drawn"])
        #expect(plan.instances(of: "arm").count == 2)
        #expect(plan.instances(of: "arm/inner").count == 2)
    }

    @Test(
        "Resources, retries and needs of the use are those of all its stages but where they have their own"
    )
    func settings() throws {
        let fragment = """
            outputs: { out: a }
            stages:
              a: { uses: ingest.countdown, resources: { cpus: 3 }, retry: 1 }
              b: { uses: ingest.countdown }
            """
        let plan = try Samples.plan(
            """
            name: test
            stages:
              first: { uses: ingest.countdown }
              x: { uses: ./f.yaml, resources: { cpus: 2, gpus: 1 }, retry: 4, needs: first }
            """, fragments: ["lab/f.yaml": fragment])
        #expect(plan["x/a"]?.resources.cpus == 3 && plan["x/a"]?.resources.gpus == 1)
        #expect(plan["x/b"]?.resources.cpus == 2)
        #expect(plan["x/a"]?.retry == 1 && plan["x/b"]?.retry == 4)
        #expect(plan["x/a"]?.after == ["first"] && plan["x/b"]?.after == ["first"])
    }

    @Test("Files that a fragment names are beside it, those that the use names beside the pipeline")
    func files() throws {
        let fragment = """
            params: { extra: }
            outputs: { out: a }
            stages:
              a: { uses: ingest.countdown, with: { extra: "${params.extra}", parts: [own.json] } }
            """
        let checked = Samples.parse(
            """
            name: test
            stages:
              x: { uses: ./parts/f.yaml, with: { extra: given.json } }
            """, fragments: ["lab/parts/f.yaml": fragment])
        let pipeline = try #require(checked.value)
        #expect(pipeline.namedFiles.map(\.path) == ["lab/given.json", "lab/parts/own.json"])
        #expect(pipeline.fragments.map(\.path) == ["lab/parts/f.yaml"])
        #expect(
            pipeline.text
                == pipeline.source.text + "\n--- # lab/parts/f.yaml\n" + fragment)
    }

    @Test("A mistake in a fragment shows its line, and the line that uses it")
    func located() {
        let wrong = Self.arm.replacingOccurrences(of: "sample.traces", with: "sample.trace")
        #expect(
            Self.messages(Self.pipeline, ["lab/arm.yaml": wrong]) == [
                """
                lab/arm.yaml:14:11: error: there is no stage kind `sample.trace`
                      uses: sample.trace
                            ^
                  did you mean `sample.traces`?
                  used by the stage `one`, lab/p.yaml:6:11:
                      uses: ./arm.yaml
                """
            ])
    }

    @Test("A mistake in what the use gives is on its own line")
    func given() {
        let text = Self.pipeline.replacingOccurrences(of: "count: 8", with: "count: many")
        #expect(
            Self.messages(text) == [
                """
                lab/p.yaml:12:45: error: the option `per_question` must be an integer from 1 to 1024, not the text "many"
                      with: { rate: "${matrix.digit}", count: many }
                                                              ^
                  the default is `1`
                """
            ])
    }

    @Test(
        "Mistakes in the use of a fragment",
        arguments: [
            ("rate:", "rats:", "`./arm.yaml` has no option `rats`"),
            (
                "with: { rate: \"${params.rate}\" }", "retry: 1",
                "`./arm.yaml` needs the option `rate`"
            ),
            (
                "data: questions.train }", "date: questions.train }",
                "`./arm.yaml` needs the input `data`"
            ),
            ("start: one.model", "start: one.modal", "the stage `one` has no output `modal`"),
            (
                "./arm.yaml", "./arms.yaml",
                "the fragment `./arms.yaml` cannot be read: there is no such file"
            ),
            ("./arm.yaml", "arm.yaml", "there is no stage kind `arm.yaml`"),
            (
                "start: one.model", "start: questions.train",
                "the input `model` needs a model, but `questions.train` is questions"
            ),
        ])
    func uses(old: String, new: String, message: String) {
        let text = Self.pipeline.replacingOccurrences(of: old, with: new)
        let found = Samples.parse(text, fragments: ["lab/arm.yaml": Self.arm]).diagnostics
        #expect(found.map(\.message).contains(message), "\(found)")
    }

    @Test(
        "If a parameter chooses a fragment that is not there, those that are there are listed, and no more"
    )
    func unknownChoice() throws {
        let inner = """
            params: { size: }
            outputs: { questions: q.test }
            stages:
              q: { uses: "../more/data-${params.size}.yaml" }
            """
        let text = """
            name: p
            params: { scale: tiny }
            defaults: { with: { epochs: 2 } }
            stages:
              q: { uses: "./parts/data-${params.scale}.yaml" }
              r: { uses: ./inner.yaml, with: { size: "${params.scale}" } }
              t: { uses: ingest.countdown }

            """
        let found = Pipeline.parse(
            SourceFile(path: "lab/p.yaml", text: text), kinds: Samples.kinds
        ) { path in
            guard path == "lab/inner.yaml" else { throw POSIXError(.ENOENT) }
            return Data(inner.utf8)
        } namesInDirectory: { directory in
            directory.hasSuffix("/parts")
                ? ["data-toy.yaml", "data-paper.yaml", "more.yaml"] : ["data-1.yaml"]
        }.diagnostics
        #expect(
            found.map(\.message) == [
                "the fragment `./parts/data-tiny.yaml` cannot be read: there is no such file",
                "the fragment `../more/data-tiny.yaml` cannot be read: there is no such file",
            ])
        #expect(
            found.map(\.remedy) == [
                "a parameter chooses it: the files to choose from are `./parts/data-paper.yaml` and `./parts/data-toy.yaml`",
                "a parameter chooses it: the files to choose from are `../more/data-1.yaml`",
            ])
    }

    @Test(
        "Mistakes in a fragment",
        arguments: [
            ("inputs.data }", "inputs.date }", "the fragment has no input `date`"),
            ("model: tuned,", "model: tunes,", "there is no stage `tunes`"),
            ("traces: drawn", "traces: drawing", "there is no stage `drawing`"),
            ("${params.count}", "${params.counts}", "there is no parameter `counts`"),
            ("count: 4", "count: 4\n  spare: 1", "the parameter `spare` is not used"),
            ("model?", "modell?", "there is no artifact type `modell?`"),
            ("  drawn:", "  inputs:", "`inputs` cannot be the name of a stage of a fragment"),
            ("description", "name", "a fragment has no key `name`"),
            (
                "count: 4", "count: \"${params.note}\"",
                "the parameters `count` and `note` form a cycle: count -> note -> count"
            ),
            ("learning_rate", "learning_rates", "`train.sft` has no option `learning_rates`"),
            (
                "stages:", "stages: [",
                "YAML: while parsing a flow sequence, did not find expected ',' or ']'"
            ),
        ])
    func mistakes(old: String, new: String, message: String) {
        let fragment = Self.arm.replacingOccurrences(of: old, with: new)
        let found = Samples.parse(Self.pipeline, fragments: ["lab/arm.yaml": fragment]).diagnostics
        #expect(found.map(\.message).contains(message), "\(found)")
        #expect(found.allSatisfy { $0.path == "lab/arm.yaml" || $0.path == "lab/p.yaml" })
    }

    @Test("A fragment that uses itself is refused, and so are fragments that grow without end")
    func recursion() {
        let pipeline = "name: test\nstages: { a: { uses: ./f.yaml } }"
        let itself = "outputs: { out: b }\nstages: { b: { uses: ./f.yaml } }"
        #expect(
            Self.messages(pipeline, ["lab/f.yaml": itself]).first?
                .contains("the fragment `./f.yaml` is nested more than 8 levels deep") == true)
        let many = (0..<100).map { "  s\($0): { uses: ./f.yaml }" }.joined(separator: "\n")
        let twice = Samples.parse(
            pipeline, fragments: ["lab/f.yaml": "outputs: { out: s0 }\nstages:\n\(many)"]
        ).diagnostics
        #expect(
            twice.map(\.message).contains(
                "all fragments together have more than 10000 stages or 16 MiB"))
    }

    @Test("Parameters of a fragment that double with each step are refused")
    func doubling() {
        let doubled = (1...60).map { "  p\($0): \"${params.p\($0 - 1)}${params.p\($0 - 1)}\"" }
        let fragment = """
            params:
              p0: xxxxxxxx
            \(doubled.joined(separator: "\n"))
            stages:
              q: { uses: ingest.countdown, with: { extra: "${params.p60}" } }
            """
        let found = Samples.parse(
            "name: test\nstages: { a: { uses: ./f.yaml } }",
            fragments: ["lab/f.yaml": fragment]
        ).diagnostics
        #expect(
            found.map(\.description) == [
                """
                lab/f.yaml:23:8: error: after replacing references, the value is larger than 8 MiB or nested too deeply
                    p21: "${params.p20}${params.p20}"
                         ^
                  refer to fewer or smaller parameters
                  used by the stage `a`, lab/p.yaml:2:22:
                  stages: { a: { uses: ./f.yaml } }
                """
            ])
    }

    @Test("A mistake in a parameter is reported once, however often the parameter is used")
    func oneMistake() {
        let fragment = """
            params: { a: "${params.b}", b: "${params.a}", c: "c${params.a}", d: "d${params.gone}" }
            stages:
              q: { uses: ingest.countdown, with: { extra: "${params.c}", seed: "${params.d}" } }
            """
        let found = Samples.parse(
            "name: test\nstages: { a: { uses: ./f.yaml } }", fragments: ["lab/f.yaml": fragment]
        ).diagnostics
        #expect(
            found.map(\.message) == [
                "the parameters `a` and `b` form a cycle: a -> b -> a",
                "there is no parameter `gone`",
            ])
    }

    @Test("A reference to a parameter whose name no file can declare is a mistake")
    func strangeReference() {
        let stages = "stages: { q: { uses: ingest.countdown, with: { seed: \"${params.?}\" } } }"
        let alone = Samples.parse("name: test\n" + stages).diagnostics
        let used = Samples.parse(
            "name: test\nstages: { a: { uses: ./f.yaml } }", fragments: ["lab/f.yaml": stages]
        ).diagnostics
        #expect(alone.map(\.message) == ["there is no parameter `?`"])
        #expect(used.map(\.message) == ["there is no parameter `?`"])
    }

    @Test("An axis of the use that reaches the stages only through each other is a mistake")
    func unreachedAxis() {
        let text = Self.pipeline.replacingOccurrences(of: "\"${matrix.digit}\"", with: "0.1")
        #expect(
            Samples.parse(text, fragments: ["lab/arm.yaml": Self.arm]).diagnostics.map(\.message)
                == [
                    "the axis `digit` is not used by the stage `two`: 2 of its instances would have the "
                        + "same cache key"
                ])
    }

    @Test("Axes of stages of a fragment that reach them only through each other are mistakes")
    func unreachedAxesOfFragment() {
        let axis = "    matrix: { rep: [0, 1] }\n    in: { "
        let fragment = Self.arm.replacingOccurrences(of: "    in: { ", with: axis)
        let found = Samples.parse(
            """
            name: test
            stages:
              questions: { uses: ingest.countdown }
              one: { uses: ./arm.yaml, in: { data: questions }, with: { rate: 0.1 } }
            """, fragments: ["lab/arm.yaml": fragment]
        ).diagnostics
        #expect(
            found.map(\.message)
                == ["tuned", "drawn"].map {
                    "the axis `rep` is not used by the stage `one/\($0)`: 2 of its instances would "
                        + "have the same cache key"
                })
    }

    @Test("A fragment is no pipeline")
    func alone() {
        #expect(
            Self.messages(Self.arm).contains {
                $0.contains("a pipeline file has no key `inputs`: this file is a fragment")
            })
    }

    @Test("A parameter keeps the text as it is written")
    func literal() throws {
        let fragment = """
            params: { text: "$${a}" }
            outputs: { out: a }
            stages:
              q: { uses: ingest.countdown }
              m: { uses: train.sft, in: { data: q }, with: { learning_rate: 0.1 } }
              a:
                uses: sample.traces
                in: { model: m, questions: q }
                with: { note: "$${x} ${params.text}{b}$" }
            """
        let plan = try Samples.plan(
            "name: t\nstages: { x: { uses: ./f.yaml, with: { text: \"$\" } }, y: { uses: ./f.yaml } }",
            fragments: ["lab/f.yaml": fragment])
        #expect(plan["x/a"]?.options.text("note") == "${x} ${b}$")
        #expect(plan["y/a"]?.options.text("note") == "${x} ${a}{b}$")
    }
}

@Suite(.timeLimit(.minutes(10)))
struct TargetTests {
    private static func parse(_ targets: String) -> Checked<Pipeline> {
        Samples.parse(
            """
            name: test
            targets: \(targets)
            stages:
              a: { uses: ingest.countdown }
              b: { uses: ingest.countdown, with: { seed: 1 } }
            """)
    }

    @Test("A target stands for its stages")
    func stages() throws {
        let pipeline = try #require(Self.parse("{ both: [a, b], one: b }").value)
        #expect(pipeline.targets == ["both": ["a", "b"], "one": ["b"]])
    }

    @Test(
        "Mistakes in targets",
        arguments: [
            ("{ one: c }", "there is no stage `c`"),
            ("{ a: b }", "`a` is the name of both a target and a stage"),
            ("{ one: [] }", "the target `one` lists no stages"),
            (
                "{ one: { a: b } }",
                "the target `one` must be a stage or a list of stages, not a table"
            ),
        ])
    func mistakes(targets: String, message: String) {
        #expect(Self.parse(targets).diagnostics.map(\.message) == [message])
    }
}
