import Files
import JSON
import Pipeline
import Testing

@Suite(.timeLimit(.minutes(10)))
struct KeyTests {
    private static let data = Digest(of: "data")

    private func document(
        _ options: String = "{ learning_rate: 1e-3, epochs: 1 }", kind: StageKind = Samples.train,
        data: [Digest] = [KeyTests.data]
    ) throws -> KeyDocument {
        try stage(options, kind: kind).keyDocument(inputs: ["data": data])
    }

    private func stage(_ options: String, kind: StageKind) throws -> PlannedStage {
        let text = """
            name: p
            stages:
              q: { uses: ingest.countdown }
              t: { uses: train.sft, in: { data: q }, with: \(options) }
            """
        let pipeline = Pipeline.parse(
            SourceFile(path: "p.yaml", text: text), kinds: [Samples.ingest, kind])
        let plan = try #require(pipeline.value?.plan { Digest(of: $0) }.value)
        return try #require(plan["t"])
    }

    private func files(_ path: String, _ directory: String, content: String) throws -> KeyDocument {
        let text = """
            name: p
            stages: { q: { uses: ingest.countdown, with: { extra: \(path) } } }
            """
        let pipeline = Pipeline.parse(
            SourceFile(path: "\(directory)/p.yaml", text: text), kinds: Samples.kinds)
        let plan = try #require(pipeline.value?.plan { _ in Digest(of: content) }.value)
        return try #require(plan.stages.first).keyDocument(inputs: [:])
    }

    @Test("The canonical form names the kind, every option, the inputs and the files")
    func canonical() throws {
        #expect(
            try document().canonical == """
                {"files":{},"inputs":{"data":["\(Self.data.hex)"]},"kind":"train.sft",\
                "options":{"epochs":1,"learning_rate":0.001,"mix":true,"schedule":"cosine"},\
                "version":1}
                """)
    }

    @Test("The key is the digest of the canonical form")
    func key() throws {
        let document = try document()
        #expect(document.key == Digest(of: document.canonical))
    }

    @Test(
        "The spelling of a file does not change a key",
        arguments: [
            "{ epochs: 1, learning_rate: 1e-3 }", "{learning_rate:  0.001 ,  epochs: 1.0}",
            "{ learning_rate: 1.0E-03, epochs: 1, schedule: \"cosine\" }",
            "{ mix: True, learning_rate: .001, epochs: +1 }",
        ])
    func spelling(_ options: String) throws {
        #expect(try document(options).key == document().key)
    }

    @Test(
        "Everything that affects the result changes the key",
        arguments: [
            "{ learning_rate: 1e-4, epochs: 1 }", "{ learning_rate: 1e-3, epochs: 2 }",
            "{ learning_rate: 1e-3, epochs: 1, mix: false }",
        ])
    func options(_ options: String) throws {
        #expect(try document(options).key != document().key)
    }

    @Test("An option that does not affect the result is not part of the key, and reaches the stage")
    func idleOption() throws {
        let kind = StageKind(
            name: "train.sft", version: 1, summary: "Trains a model.",
            inputs: Samples.train.inputs, outputs: Samples.train.outputs,
            options: Samples.train.options + [
                StageKind.Option(
                    "checkpoint_steps", .integer(1...100), default: .null, affectsResult: false,
                    "How often to save.")
            ])
        let often = try stage("{ learning_rate: 1e-3, epochs: 1, checkpoint_steps: 5 }", kind: kind)
        #expect(often.options.integer("checkpoint_steps") == 5)
        let document = often.keyDocument(inputs: ["data": [Self.data]])
        #expect(try document.key == self.document(kind: kind).key)
        #expect(try document.key == self.document().key)
        #expect(try document.differences(from: self.document()).isEmpty)
    }

    @Test("The default of an option that was added later is not part of the key, other values are")
    func laterOption() throws {
        let kind = StageKind(
            name: "train.sft", version: 1, summary: "Trains a model.",
            inputs: Samples.train.inputs, outputs: Samples.train.outputs,
            options: Samples.train.options + [
                StageKind.Option(
                    "limit", .number(1...100), default: .number(10), keyHasDefault: false,
                    "The limit.")
            ])
        func key(_ options: String) throws -> Digest {
            try stage("{ learning_rate: 1e-3, epochs: 1\(options) }", kind: kind)
                .keyDocument(inputs: ["data": [Self.data]]).key
        }
        let earlier = try document().key
        #expect(try key("") == earlier)
        #expect(try key(", limit: 10") == earlier)
        #expect(try key(", limit: 10.0") == earlier)
        #expect(try key(", limit: 11") != earlier)
    }

    private static let open = StageKind(
        name: "command", version: 1, summary: "Runs.",
        outputs: [StageKind.Output("out", .files, "What it wrote.")],
        options: [
            StageKind.Option("environment", .list(.text), default: .array([]), "Seen."),
            StageKind.Option(
                "secrets", .list(.text), default: .array([]), affectsResult: false, "Hidden."),
        ], isOpen: true)

    private static let text = """
        name: p
        stages:
          c: { uses: command, with: { environment: [A], secrets: [T] } }
        """

    private func command(_ environment: [String: String]) throws -> PlannedStage {
        let plan = try #require(Samples.parse(Self.text, kinds: [Self.open]).value).plan(
            .init(environment: environment, digestOfFile: { Digest(of: $0) }))
        return try #require(plan.value?["c"])
    }

    @Test("The value of a declared variable is part of the key, a secret one's is not")
    func variables() throws {
        let values: [[String: String]] = [[:], ["A": ""], ["A": "1"], ["A": "2"]]
        let keys = try values.map { try command($0).keyDocument(inputs: [:]).key }
        #expect(Set(keys).count == values.count)
        #expect(try command(["A": "1", "B": "x"]).keyDocument(inputs: [:]).key == keys[2])
        #expect(try command(["A": "1", "T": "s"]).keyDocument(inputs: [:]).key == keys[2])
    }

    @Test("Values that differ look different, however alike or long they are")
    func alike() {
        let accents = FieldDifference.all("with.x", .string("caf\u{e9}"), .string("cafe\u{301}"))
        #expect(accents.map(\.line) == [#"with.x "caf\u{00E9}" -> "cafe\u{0301}""#])
        let long = String(repeating: "a b", count: 100)
        let ends = FieldDifference.all("with.x", .string(long + "1"), .string(long + "2"))
        #expect(
            ends.map(\.line) == [
                #"with.x ... ba ba ba ba ba ba b1" -> ... ba ba ba ba ba ba b2""#
            ])
        #expect(JSONValue.object(["\u{e9}": .null]) != .object(["e\u{301}": .null]))
        #expect(JSONValue.array([.string("\u{e9}")]) != .array([.string("e\u{301}")]))
        #expect(
            Set([JSONValue.string("\u{e9}"), .string("e\u{301}"), .string("\u{e9}")]).count == 2)
    }

    @Test("A variable that is in the key and a secret is a mistake")
    func secretInKey() {
        let checked = Samples.parse(
            """
            name: p
            stages:
              c: { uses: command, with: { environment: [A, T], secrets: [T] } }
            """, kinds: [Self.open])
        #expect(
            checked.diagnostics.map(\.description) == [
                """
                lab/p.yaml:3:61: error: the variable `T` is in both `environment`, whose values are part of the cache key, and `secrets`, whose values are not
                    c: { uses: command, with: { environment: [A, T], secrets: [T] } }
                                                                              ^
                  remove it from one of the two
                """
            ])
    }

    @Test(
        "A variable whose value is not UTF-8 is a mistake where it is passed on",
        arguments: ["A", "T", "B"])
    func garbledVariable(name: String) throws {
        let pipeline = try #require(Samples.parse(Self.text, kinds: [Self.open]).value)
        let plan = pipeline.plan(
            .init(
                environment: [name: "\u{fffd}"], garbledVariables: [name],
                digestOfFile: { Digest(of: $0) }))
        guard name != "B" else {
            #expect(plan.diagnostics.isEmpty)
            return
        }
        let option = name == "A" ? "environment" : "secrets"
        #expect(
            plan.diagnostics.map(\.description) == [
                """
                lab/p.yaml:3:3: error: the value of the environment variable `\(name)` in the option `\(option)` is not UTF-8
                    c: { uses: command, with: { environment: [A], secrets: [T] } }
                    ^
                  set it to UTF-8 text, or put the bytes into a file and name the file in `files`
                """
            ])
    }

    @Test("The value of a secret in the recorded pipeline is a mistake")
    func secretInPipeline() throws {
        let text = "params: { p: none }\n" + Self.text
        func messages(_ secret: String, _ overrides: [String: String] = [:]) throws -> [String] {
            try #require(Samples.parse(text, overrides, kinds: [Self.open]).value).plan(
                .init(environment: ["T": secret], digestOfFile: { Digest(of: $0) })
            ).diagnostics.map(\.description)
        }
        #expect(try messages("hunter2!") == [])
        #expect(try messages("p") == [])
        for messages in try [messages("hunter2!", ["p": "x hunter2! y"]), messages("command")] {
            #expect(
                messages == [
                    """
                    lab/p.yaml:4:3: error: the pipeline, or a --set, contains the value of the secret `T` and would be recorded with the run
                        c: { uses: command, with: { environment: [A], secrets: [T] } }
                        ^
                      remove it; the program can read it from its environment variable `T`
                    """
                ])
        }
    }

    @Test("A document has a digest of a variable's value; differences tell its name alone")
    func variableDifferences() throws {
        let old = try command(["A": "first"]).keyDocument(inputs: [:])
        let new = try command(["A": "other"]).keyDocument(inputs: [:])
        #expect(!old.canonical.contains("first"))
        #expect(old.canonical.hasPrefix("{\"environment\":{\"A\":\"\(Digest(of: "first").hex)\"},"))
        #expect(new.differences(from: old) == ["environment.A changed"])
        let unset = try command([:]).keyDocument(inputs: [:])
        let back = try #require(KeyDocument(canonical: unset.canonical))
        #expect(back.environment == ["A": nil])
        #expect(new.differences(from: back) == ["environment.A changed"])
        #expect(!new.hasDefinition(ofText: old.canonical))
    }

    @Test("The order of gathered inputs is part of the key")
    func inputOrder() throws {
        let other = Digest(of: "other")
        #expect(
            try document(data: [Self.data, other]).key != document(data: [other, Self.data]).key)
    }

    @Test("Names of stages, comments, descriptions, resources and trials are not part of the key")
    func names() throws {
        let plan = try Samples.plan(
            """
            # An experiment
            name: other
            stages:
              training:
                description: Trains.
                with: { learning_rate: 0.001, epochs: 1 }
                resources: { cpus: 8, time: 2h, gpu: 1 }
                retry: 3
                timeout: 1d
                in: { data: countdown.train }
                uses: train.sft
              countdown: { uses: ingest.countdown }
            """)
        let stage = try #require(plan["training"])
        #expect(try stage.keyDocument(inputs: ["data": [Self.data]]).key == document().key)
    }

    @Test("A file that is moved or renamed keeps the key; a file that is edited does not")
    func movedFile() throws {
        let key = try files("a.txt", "lab", content: "x").key
        #expect(try files("data/b.txt", "/elsewhere", content: "x").key == key)
        #expect(try files("a.txt", "lab", content: "y").key != key)
    }

    @Test("A document is read back as it was written")
    func readBack() throws {
        let document = try files("a.txt", "lab", content: "x\u{1}\"\\ü")
        #expect(KeyDocument(canonical: document.canonical) == document)
        let other = try self.document()
        #expect(KeyDocument(canonical: other.canonical) == other)
    }

    @Test("A text that is no document is not read", arguments: ["", "{}", "[1]", "{\"kind\":1}"])
    func notADocument(_ text: String) {
        #expect(KeyDocument(canonical: text) == nil)
    }

    @Test("Equal documents have no differences")
    func noDifferences() throws {
        #expect(try document().differences(from: document()).isEmpty)
    }

    @Test("Differences name what changed, from what to what")
    func differences() throws {
        let old = try document()
        let new = try document(
            "{ learning_rate: 3e-4, epochs: 1, schedule: constant }", data: [Digest(of: "new")])
        #expect(
            new.differences(from: old) == [
                "with.learning_rate 0.001 -> 0.0003",
                "with.schedule cosine -> constant",
                "in.data changed: 3a6eb0... -> 11507a...",
            ])
    }

    @Test("A new version of a kind with a new option says both")
    func versions() throws {
        let kind = StageKind(
            name: "train.sft", version: 2, summary: "Trains a model.",
            inputs: Samples.train.inputs, outputs: Samples.train.outputs,
            options: Samples.train.options.filter { $0.name != "mix" } + [
                StageKind.Option("warmup", .number(0...1), default: .number(0), "Of the steps.")
            ])
        #expect(
            try document(kind: kind).differences(from: document()) == [
                "kind version 1 -> 2", "with.mix removed, was true", "with.warmup added: 0",
            ])
    }

    @Test("Another kind under the same name is one difference")
    func otherKind() throws {
        let new = try #require(KeyDocument(canonical: document().canonical.replacing("sft", "rl")))
        #expect(try new.differences(from: document()) == ["kind train.sft -> train.rl"])
    }

    @Test("Gathered inputs say how many changed")
    func gathered() throws {
        let parts = (0..<4).map { Digest(of: "\($0)") }
        let old = try document(data: parts)
        let edited = parts.prefix(2) + [Self.data] + parts.suffix(1)
        #expect(
            try document(data: Array(edited)).differences(from: old) == [
                "in.data changed: 1 of 4 artifacts, first d4735e... -> 3a6eb0..."
            ])
        #expect(
            try document(data: Array(parts.prefix(3))).differences(from: old) == [
                "in.data changed: 4 artifacts -> 3"
            ])
    }

    @Test("An edited file is a difference of its option")
    func editedFile() throws {
        let old = try files("a.txt", "lab", content: "x")
        #expect(
            try files("b.txt", "lab", content: "y").differences(from: old) == [
                "with.extra changed: 2d7116... -> a1fce4..."
            ])
    }
}

extension String {
    fileprivate func replacing(_ old: String, _ new: String) -> String {
        guard let range = firstRange(of: old) else { return self }
        return String(self[..<range.lowerBound]) + new + self[range.upperBound...]
    }
}
