import Files
import Foundation
import Pipeline
import Testing

@Suite(.timeLimit(.minutes(10)))
struct DirectoryOptionTests {
    private static let kind = StageKind(
        name: "ingest.model", version: 1, summary: "Takes a model.",
        outputs: [StageKind.Output("model", .model, "The model.")],
        options: [
            StageKind.Option(
                "from", .directory(["config.json", "*.safetensors", "model-*-of-2.bin"]),
                default: nil, "The directory.")
        ])

    private func plan(
        _ path: String = "m", names: [String]?, content: String = "x"
    ) throws -> Checked<Plan> {
        struct Gone: Error, CustomStringConvertible {
            let description = "the disk is on fire"
        }
        let text = """
            name: p
            stages:
              m:
                uses: ingest.model
                with: { from: \(path) }
            """
        let pipeline = Samples.parse(text, kinds: [Self.kind])
        return try #require(pipeline.value).plan(
            .init { directory in
                #expect(directory == (path.hasPrefix("/") ? path : "lab/" + path))
                guard let names else { throw Gone() }
                return names
            } digestOfFile: {
                Digest(of: content + (URL(fileURLWithPath: $0).lastPathComponent))
            })
    }

    private func document(
        _ names: [String], at path: String = "m", content: String = "x"
    ) throws -> KeyDocument {
        let stage = try #require(try plan(path, names: names, content: content).value?["m"])
        #expect(stage.options.text("from") == (path.hasPrefix("/") ? path : "lab/" + path))
        return stage.keyDocument(inputs: [:])
    }

    @Test("The files of a directory that count are part of the key, each by its name and content")
    func key() throws {
        let names = [
            "README.md", "b.safetensors", "config.json", "model-1-of-2.bin", "model-of-2.bin",
        ]
        let document = try document(names)
        let key = document.key
        func digest(_ name: String) -> String { Digest(of: "x" + name).hex }
        #expect(
            document.canonical == """
                {"files":{"from/b.safetensors":"\(digest("b.safetensors"))",\
                "from/config.json":"\(digest("config.json"))",\
                "from/model-1-of-2.bin":"\(digest("model-1-of-2.bin"))"},\
                "inputs":{},"kind":"ingest.model","options":{},"version":1}
                """)
        #expect(try self.document(names.reversed(), at: "/else/where").key == key)
        #expect(try self.document(names + ["more.txt", ".safetensor"]).key == key)
        #expect(try self.document(names + ["c.safetensors"]).key != key)
        #expect(try self.document(names, content: "y").key != key)
        #expect(
            try self.document(names.filter { $0 != "b.safetensors" })
                .differences(from: document) == ["with.from/b.safetensors removed"])
    }

    @Test("An option for files and directories accepts both")
    func tree() throws {
        let kind = StageKind(
            name: "command", version: 1, summary: "Runs.",
            outputs: [StageKind.Output("out", .files, "What it wrote.")],
            options: [
                StageKind.Option("files", .list(.path), default: .array([]), "What it reads.")
            ]
        )
        let text = """
            name: p
            stages:
              m:
                uses: command
                with: { files: [data/, /else/run.py] }
            """
        let pipeline = try #require(Samples.parse(text, kinds: [kind]).value)
        #expect(pipeline.namedFiles.map(\.path) == ["lab/data", "/else/run.py"])
        let plan = pipeline.plan(
            .init(
                digestOfFile: { Digest(of: "file " + $0) },
                digestOfTree: { path, _ in Digest(of: "tree " + path) }))
        #expect(
            plan.value?["m"]?.keyDocument(inputs: [:]).canonical == """
                {"files":{"files[0]":"\(Digest(of: "tree lab/data").hex)",\
                "files[1]":"\(Digest(of: "tree /else/run.py").hex)"},\
                "inputs":{},"kind":"command","options":{},"version":1}
                """)
    }

    @Test("A directory that cannot be read, or has no file that counts, is a mistake at the option")
    func mistakes() throws {
        #expect(
            try plan(names: nil).diagnostics.map(\.description) == [
                """
                lab/p.yaml:5:19: error: the directory `m` of the option `from` cannot be read: the disk \
                is on fire
                      with: { from: m }
                                    ^
                  paths are relative to the pipeline file
                """
            ])
        #expect(
            try plan(names: ["README.md"]).diagnostics.map(\.message) == [
                "the directory `m` of the option `from` contains none of the files `config.json`, "
                    + "`*.safetensors` and `model-*-of-2.bin`"
            ])
        let text = """
            name: p
            stages: { m: { uses: ingest.model, with: { from: \"\" } } }
            """
        #expect(
            Samples.parse(text, kinds: [Self.kind]).diagnostics.map(\.message) == [
                "the option `from` needs the path of a directory"
            ])
    }

    @Test(
        "A directory that is not there is called missing, and a file no directory",
        arguments: [
            ("/no/such", "there is no such directory"), ("/dev/null", "it is not a directory"),
        ])
    func missing(path: String, reason: String) throws {
        let text = """
            name: p
            stages: { m: { uses: ingest.model, with: { from: \(path) } } }
            """
        let plan = try #require(Samples.parse(text, kinds: [Self.kind]).value).plan {
            try Digest(ofFile: $0)
        }
        #expect(
            plan.diagnostics.map(\.message) == [
                "the directory `\(path)` of the option `from` cannot be read: \(reason)"
            ])
    }
}
