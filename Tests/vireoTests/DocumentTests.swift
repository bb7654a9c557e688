import Foundation
import Testing

/// The smoke pipeline, run in a directory that looks like the root of the repository.
private struct Workplace {
    static let smoke = Result { try Workplace() }

    let tool: Tool
    let status: Int32

    private init() throws {
        tool = try Tool()
        let files = FileManager.default
        for name in ["pipelines", "data"] {
            try files.copyItem(
                atPath: Document.root + "/" + name, toPath: tool.directory + "/" + name)
        }
        try? LocalFiles.remove(tool.directory + "/pipelines/.vireo")
        try files.createSymbolicLink(
            atPath: tool.directory + "/Tests", withDestinationPath: Document.root + "/Tests")
        status = try tool.run("run", "pipelines/smoke.yaml").status
    }
}

/// What a reader would do with files by hand.
private enum LocalFiles {
    static func remove(_ path: String) throws {
        if FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
    }
}

/// What the program says of itself: its commands with their options, and its kinds of stages.
private struct Help {
    static let shared = Result { try Help() }

    /// The options of each command, such as "artifact list".
    let options: [String: Set<String>]
    /// The subcommand that runs if none is named.
    let defaults: [String: String]
    let kinds: Set<String>

    /// Every option, with that of shell completion, which no help names.
    var allOptions: Set<String> {
        options.values.reduce(into: ["--generate-completion-script"]) { $0.formUnion($1) }
    }

    private init() throws {
        let tool = try Tool()
        func names(_ text: String) -> [(name: String, isDefault: Bool)] {
            text.matches(of: /(?m)^  ([a-z]+)(?: \((default)\))? {2,}/).map {
                (String($0.output.1), $0.output.2 != nil)
            }
        }
        func options(_ text: String) -> Set<String> {
            Set(text.matches(of: /--[a-z][a-z-]*/).map { String($0.output) })
        }
        var found: [String: Set<String>] = [:]
        var defaults: [String: String] = [:]
        for (command, _) in names(try tool.run("--help").output) {
            let help = try tool.run("help", command).output
            found[command] = options(help)
            guard help.contains("SUBCOMMANDS:") else { continue }
            for (name, isDefault) in names(help) {
                found[command + " " + name] = options(try tool.run("help", command, name).output)
                if isDefault { defaults[command] = name }
            }
        }
        found["help"] = []
        self.options = found
        self.defaults = defaults
        kinds = Set(
            try tool.run("stages").output.split(separator: "\n").compactMap {
                $0.split(separator: " ").first.map(String.init)
            })
    }

    /// The command that the words after `vireo` name; `nil` if there is none.
    func command(_ words: [Substring]) -> String? {
        guard let first = words.first else { return nil }
        if words.count > 1, options["\(first) \(words[1])"] != nil { return "\(first) \(words[1])" }
        if let name = defaults[String(first)] { return "\(first) \(name)" }
        return options[String(first)] == nil ? nil : String(first)
    }
}

@Suite("The documents", .serialized, .timeLimit(.minutes(10)))
struct DocumentTests {
    /// The documents with blocks that are marked `console`. One with a Python program needs Python.
    private static let followed: [Document] = Document.all.filter { document in
        let needsPython = document.blocks.contains { $0.file?.hasSuffix(".py") == true }
        return document.blocks.contains { $0.language == "console" }
            && (!needsPython || FileManager.default.isExecutableFile(atPath: "/usr/bin/python3"))
    }

    @Test("The README has at most 200 lines")
    func length() {
        let readme = Document("README.md")
        #expect(readme.lines.count > 20)
        #expect(readme.lines.count <= 201)
    }

    @Test("A line of prose has at most 120 characters", arguments: Document.all)
    func width(document: Document) {
        for line in document.prose.split(separator: "\n")
        where !line.hasPrefix("|") && !line.hasPrefix("<!--") {
            #expect(line.count <= 120, "\(line)")
        }
    }

    @Test("Every block is closed, and every link leads to a file", arguments: Document.all)
    func links(document: Document) {
        #expect(document.lines.count(where: { $0.hasPrefix("```") }).isMultiple(of: 2))
        let directory = (document.path as NSString).deletingLastPathComponent
        for link in document.links {
            let path = link.split(separator: "#").first.map(String.init) ?? ""
            let target = Document.root + "/" + directory + "/" + path
            #expect(FileManager.default.fileExists(atPath: target), "\(link)")
        }
    }

    @Test("Every article is named by the catalog's landing page and by the README")
    func articles() throws {
        let landing = try #require(Document.all.first { $0.path.hasSuffix("vireo.docc/vireo.md") })
        for document in Document.all where document.path.contains("/vireo.docc/") {
            let name = ((document.path as NSString).lastPathComponent as NSString)
                .deletingPathExtension
            guard name != "vireo" else { continue }
            #expect(landing.links.contains(name + ".md"), "\(name)")
            #expect(Document("README.md").links.contains(document.path), "\(name)")
        }
    }

    @Test("Every command exists, with the options that stand beside it", arguments: Document.all)
    func commands(document: Document) throws {
        let help = try Help.shared.get()
        for code in document.code {
            for call in code.matches(of: /(?:^|[\s(|])vireo ([a-z-][^|)]*)/) {
                let words = call.output.1.split(separator: " ")
                guard let first = words.first, !first.hasPrefix("--"), first != "help" else {
                    continue
                }
                guard let command = help.command(words), let known = help.options[command] else {
                    Issue.record("\(document): there is no such command: \(code)")
                    continue
                }
                let options = call.output.1.matches(of: /(?:^|[\s\[])(--[a-z][a-z-]*)/)
                for option in options.map({ String($0.output.1) }) {
                    #expect(known.contains(option), "\(document): \(code)")
                }
            }
        }
    }

    @Test("Every option exists in some command", arguments: Document.all)
    func options(document: Document) throws {
        let help = try Help.shared.get()
        // Programs beside vireo have options of their own.
        let others = [
            "swift", "make", "git", "apt-get", "sqlite3", "conda", "apptainer", "apptainer:",
            "sbatch", "--gres=gpu:{units}", "licence:", "squeue", "vllm", "sglang",
        ]
        for code in document.code
        where !others.contains(where: { code.contains($0 + " ") || code == $0 }) {
            for option in code.matches(of: /(?:^|[\s\[(])(--[a-z][a-z-]*)/) {
                #expect(
                    help.allOptions.contains(String(option.output.1)), "\(document): \(code)")
            }
        }
    }

    @Test("Every kind of stage exists", arguments: Document.all)
    func kinds(document: Document) throws {
        let known = try Help.shared.get().kinds
        for code in document.code where !code.contains("train.stf") && !code.contains("count.") {
            for use in code.matches(of: /uses: ([a-z][a-z.-]*)/) where !code.contains("${") {
                #expect(known.contains(String(use.output.1)), "\(code)")
            }
            let name = /(?:ingest|train|sample|build|study|report)\.([a-z][a-z-]*)/
            guard let found = code.wholeMatch(of: name)?.output else { continue }
            let isFile = ["json", "jsonl", "py", "yaml"].contains(found.1)
            #expect(isFile || known.contains(String(found.0)), "\(document): \(code)")
        }
    }

    @Test("Every kind of stage is described in the documents")
    func described() throws {
        let code = Set(Document.all.flatMap(\.code))
        for kind in try Help.shared.get().kinds { #expect(code.contains(kind), "\(kind)") }
    }

    @Test("Every option of train.rl stands in its table")
    func reinforcement() throws {
        let tool = try Tool()
        let document = try #require(Document.all.first { $0.path.hasSuffix("/Training.md") })
        let stages = try tool.run("stages", "train.rl").output
        let names = stages.split(separator: "with:\n").last?.matches(of: #/(?m)^  ([a-z_0-9]+): /#)
        for name in try #require(names).map({ String($0.output.1) }) {
            #expect(document.code.contains(name), "\(name)")
        }
    }

    @Test("Every whole pipeline can be planned", arguments: Document.blocks(in: "yaml"))
    func pipelines(block: Document.Block) throws {
        guard block.text.hasPrefix("name: ") else { return }
        let tool = try Tool()
        let document = try #require(Document.all.first { $0.path == block.document })
        for other in document.blocks {
            if let file = other.file { try tool.write(other.text, to: file) }
        }
        // A model directory stands for each that the pipeline reads.
        for directory in block.text.matches(of: /directory: ([\w-]+)/) {
            try FileManager.default.copyItem(
                atPath: Document.root + "/Tests/Fixtures/qwen3-untied",
                toPath: tool.directory + "/" + directory.output.1)
        }
        try tool.write(block.text, to: "pipeline.yaml")
        let plan = try tool.run("plan", "pipeline.yaml")
        #expect(plan.status == 0, "\(plan.errors)")
        #expect(!plan.errors.contains("error:"), "\(plan.errors)")
    }

    @Test(
        "Every query runs on the store of the smoke pipeline", arguments: Document.blocks(in: "sql")
    )
    func queries(block: Document.Block) throws {
        let workplace = try Workplace.smoke.get()
        #expect(workplace.status == 0)
        for query in block.text.split(separator: ";\n") {
            let result = try workplace.tool.run("sql", String(query))
            #expect(result.status == 0, "\(query)\n\(result.errors)")
        }
    }

    /// A block that is marked `console` has commands behind `$ ` and all that they print on standard output. A line
    /// `...` stands for any number of lines. A document with files is followed in a directory with these files, every
    /// other one where the smoke pipeline ran.
    @Test("Every console block shows what the program prints", arguments: followed)
    func consoles(document: Document) throws {
        let files = document.blocks.compactMap { block in block.file.map { ($0, block.text) } }
        let tool = files.isEmpty ? try Workplace.smoke.get().tool : try Tool()
        for (name, text) in files { try tool.write(text, to: name) }
        for block in document.blocks where block.language == "console" {
            var lines = block.text.split(separator: "\n", omittingEmptySubsequences: false)[...]
            while let command = lines.popFirst() {
                guard command.hasPrefix("$ ") else { continue }
                let shown = lines.prefix { !$0.hasPrefix("$ ") }.joined(separator: "\n")
                lines = lines.drop { !$0.hasPrefix("$ ") }
                let result = try tool.run(
                    ["-c", "vireo() { '\(Tool.path)' \"$@\"; }; \(command.dropFirst(2))"],
                    of: "/bin/sh")
                let printed = result.output
                #expect(
                    Self.agrees(shown, with: printed),
                    "\(block): \(command)\n\(printed)\(result.errors)")
            }
        }
    }

    /// Whether the output agrees with what a document shows of it: but for times, sizes, digests and the widths of
    /// columns, and with any lines in the place of `...`.
    private static func agrees(_ shown: String, with printed: String) -> Bool {
        let (wanted, found) = (normalized(shown), normalized(printed))
        let parts = wanted.split(separator: ["..."], omittingEmptySubsequences: false).map(
            Array.init)
        guard parts.count > 1 else { return wanted == found }
        guard found.starts(with: parts[0]),
            found.reversed().starts(with: parts.last?.reversed() ?? [])
        else { return false }
        var rest = found.dropFirst(parts[0].count)
        for part in parts.dropFirst() where !part.isEmpty {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }

    private static func normalized(_ text: String) -> [String] {
        text.split(separator: "\n").map { line in
            line.replacing(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?/, with: "TIME")
                .replacing(/(\d+ m )?\d+(\.\d+)? (s|ms|B|kB|MB|GB)\b/, with: "SIZE")
                .replacing(/\b[0-9a-f]{12,64}\b|\b[0-9a-f]{6}\.{3}/, with: "DIGEST")
                .replacing(/-{2,}/, with: "--").replacing(#/ +/#, with: " ")
                .trimmingCharacters(in: .whitespaces)
        }.filter { !$0.isEmpty }
    }

    /// With the variable VIREO_WRITE_DOCUMENTS the test writes the page instead.
    @Test("The reference of the schema is that of the migrations")
    func schema() throws {
        let path = Document.root + "/Sources/vireo/vireo.docc/SQLSchema.md"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let end = try #require(text.range(of: SchemaReference.mark + "\n")).upperBound
        let schema = try SchemaReference()
        #expect(schema.strays == [])
        let reference = schema.markdown
        if ProcessInfo.processInfo.environment["VIREO_WRITE_DOCUMENTS"] != nil {
            try (text[..<end] + reference).write(toFile: path, atomically: true, encoding: .utf8)
        } else {
            #expect(text[end...] == reference)
        }
    }

    @Test("The examples of the libraries are those that the tests compile")
    func examples() throws {
        for library in ["LanguageModel", "VariationalInference"] {
            let page = Document("Sources/\(library)/\(library).docc/\(library).md")
            let test = try String(
                contentsOfFile: Document.root + "/Tests/\(library)Tests/ExampleTests.swift",
                encoding: .utf8)
            let compiled = Set(
                test.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
            let examples = page.blocks.filter { $0.language == "swift" }
            #expect(!examples.isEmpty)
            for line in examples.flatMap({ $0.text.split(separator: "\n") }) {
                #expect(compiled.contains(line.trimmingCharacters(in: .whitespaces)), "\(line)")
            }
        }
    }
}
