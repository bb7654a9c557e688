import Files
import Foundation
import Pipeline
import Testing

@Suite(.timeLimit(.minutes(10)))
struct PipelineTests {
    @Test("A file without mistakes gives its name, its description and its parameters")
    func values() throws {
        let checked = Samples.parse(Samples.quickstart)
        #expect(checked.diagnostics.isEmpty)
        let pipeline = try #require(checked.value)
        #expect(pipeline.name == "quickstart")
        #expect(pipeline.description == "In minutes.")
        #expect(pipeline.parameters == ["seed": .integer(0), "traces": .integer(8)])
    }

    @Test("All mistakes of a file are reported at once, in the order of the file")
    func allAtOnce() {
        let checked = Samples.parse(
            """
            name: p
            nmae: q
            params: { unused: 1 }
            stages:
              q:
                uses: ingest.countdwon
              t:
                uses: train.sft
                in: { data: w }
                with: { learning_rate: fast, epoch: 3 }
              t:
                uses: weigh
            """)
        #expect(checked.value == nil)
        #expect(
            checked.diagnostics.map { "\($0.position?.line ?? 0) \($0.message)" } == [
                "2 a pipeline file has no key `nmae`",
                "3 the parameter `unused` is not used",
                "6 there is no stage kind `ingest.countdwon`",
                "9 there is no stage `w`",
                "10 the option `learning_rate` must be a number above 0 up to 1, "
                    + "not the text \"fast\"",
                "10 `train.sft` has no option `epoch`",
                "11 the key `t` appears twice, first on line 7",
            ])
    }

    @Test("A warning alone leaves the pipeline usable")
    func warning() {
        let checked = Samples.parse(
            """
            name: p
            params: { seed: 0 }
            stages: { q: { uses: ingest.countdown } }
            """)
        #expect(checked.value != nil)
        #expect(checked.diagnostics.map(\.severity) == [.warning])
    }

    @Test("A parameter may name the kind of a stage, or a part of it")
    func kindOfParameter() throws {
        let text = """
            name: p
            params: { task: countdown, how: sft }
            stages:
              q: { uses: "ingest.${params.task}" }
              t: { uses: "train.${params.how}", in: { data: q }, with: { learning_rate: 0.1 } }
            """
        #expect(Samples.parse(text).diagnostics.isEmpty)
        #expect(
            try Samples.plan(text).stages.map(\.kind.name) == ["ingest.countdown", "train.sft"])
        let other = Samples.parse(text, ["task": "modular"])
        #expect(other.diagnostics.map(\.message) == ["there is no stage kind `ingest.modular`"])
    }

    @Test("A key repeated three times is reported twice")
    func threeTimes() {
        let checked = Samples.parse(
            """
            name: p
            name: q
            "name": r
            stages: { q: { uses: ingest.countdown } }
            """)
        #expect(
            checked.diagnostics.map(\.position) == [
                Position(line: 2, column: 1), Position(line: 3, column: 1),
            ])
    }

    @Test("Every repetition of a key names the place of the first, in each table")
    func repetitions() {
        let checked = Samples.parse(
            """
            name: p
            stages:
              q: { uses: ingest.countdown, "uses": weigh }
              q: { uses: weigh }
              'q': { uses: weigh }
            """)
        #expect(
            checked.diagnostics.map { "\($0.position?.line ?? 0) \($0.message)" } == [
                "3 the key `uses` appears twice, first on line 3",
                "4 the key `q` appears twice, first on line 3",
                "5 the key `q` appears twice, first on line 3",
            ])
    }

    @Test("Bytes that are not UTF-8 are reported where they stand")
    func notUTF8() {
        let data = Data("name: p\nstages: ".utf8) + Data([0xC3, 0x28])
        let checked = SourceFile.decoding(data, path: "p.yaml")
        #expect(checked.value == nil)
        #expect(
            checked.diagnostics.map(\.description) == [
                """
                p.yaml:2:9: error: the file is not UTF-8 text
                  stages: \u{FFFD}(
                          ^
                  save it as UTF-8
                """
            ])
    }

    @Test("A file larger than a mebibyte is refused unread")
    func tooLarge() {
        let text = "name: p\n" + String(repeating: "#", count: SourceFile.sizeLimit)
        #expect(
            Samples.parse(text).diagnostics.map(\.message) == ["the file is larger than 1024 KiB"])
    }

    @Test("Values nested without end are refused", arguments: [40, 900, 5_000])
    func tooDeep(_ depth: Int) {
        let text =
            "name: p\nstages: " + String(repeating: "[", count: depth)
            + String(repeating: "]", count: depth)
        let checked = Samples.parse(text)
        #expect(
            checked.diagnostics.map(\.message) == ["values are nested more than 32 levels deep"])
    }

    @Test("Aliases that multiply are refused before they fill the memory")
    func aliases() {
        var text = "name: p\nparams:\n  a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8]\n"
        for level in 1...20 {
            let alias = "*a\(level - 1)"
            let list = Array(repeating: alias, count: 8).joined(separator: ", ")
            text += "  a\(level): &a\(level) [\(list)]\n"
        }
        let messages = Samples.parse(text + "stages: {}\n").diagnostics.map(\.message)
        #expect(messages.contains("the file contains more than 50000 values"))
    }

    @Test("A parameter set on the command line replaces the file's and keeps its type")
    func overrides() throws {
        let text = """
            name: p
            params: { train: 5, rate: 0.1 }
            stages:
              q: { uses: ingest.countdown, with: { train: ${params.train} } }
              t:
                uses: train.sft
                in: { data: q }
                with: { learning_rate: ${params.rate} }
            """
        let plan = try Samples.plan(text, ["train": "16", "rate": "1e-3"])
        #expect(plan["q"]?.options.integer("train") == 16)
        #expect(plan["t"]?.options.number("learning_rate") == 0.001)
    }

    @Test("A list set on the command line can be an axis")
    func overriddenAxis() throws {
        let text = """
            name: p
            params: { seeds: [0] }
            matrix: { seed: "${params.seeds}" }
            stages: { q: { uses: ingest.countdown, with: { seed: "${matrix.seed}" } } }
            """
        #expect(try Samples.plan(text).stages.map(\.id) == ["q[seed=0]"])
        #expect(
            try Samples.plan(text, ["seeds": "[3, 4]"]).stages.map(\.id) == [
                "q[seed=3]", "q[seed=4]",
            ])
    }

    @Test("An unknown parameter on the command line gets a suggestion and no place in the file")
    func unknownOverride() {
        let checked = Samples.parse(Samples.quickstart, ["trcaes": "16"])
        #expect(
            checked.diagnostics.map(\.description) == [
                """
                lab/p.yaml: error: --set trcaes: there is no parameter `trcaes`
                  did you mean `traces`?
                """
            ])
    }

    @Test("A table on the command line is refused", arguments: ["{a: 1}", "[1"])
    func badOverride(_ value: String) {
        let checked = Samples.parse(Samples.quickstart, ["traces": value])
        #expect(
            checked.diagnostics.map(\.description) == [
                """
                lab/p.yaml: error: --set traces: cannot read the value `\(value)`
                  write a number, a word, a quoted text or a list such as `[0, 1]`
                """
            ])
    }

    @Test("An unreadable file is a mistake at the option that names it")
    func unreadableFile() throws {
        struct Gone: Error, CustomStringConvertible {
            let description = "the disk is on fire"
        }
        let checked = Samples.parse(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                with: { parts: [a.txt, b.txt] }
            """)
        let pipeline = try #require(checked.value)
        let plan = pipeline.plan { path in
            guard path == "lab/a.txt" else { throw Gone() }
            return Digest(of: path)
        }
        #expect(plan.value == nil)
        #expect(
            plan.diagnostics.map(\.description) == [
                """
                lab/p.yaml:5:28: error: the file `b.txt` of the option `parts[1]` cannot be read: \
                the disk is on fire
                      with: { parts: [a.txt, b.txt] }
                                             ^
                  paths are relative to the pipeline file
                """
            ])
    }

    @Test("A missing file is called missing")
    func missingFile() throws {
        let checked = Samples.parse(
            """
            name: p
            stages: { q: { uses: ingest.countdown, with: { extra: no/such.txt } } }
            """)
        let plan = try #require(checked.value).plan { try Digest(ofFile: "/nonexistent/" + $0) }
        #expect(
            plan.diagnostics.map(\.message) == [
                "the file `no/such.txt` of the option `extra` cannot be read: there is no such file"
            ])
    }

    @Test("Resources are read with their units")
    func resources() throws {
        let stage = try #require(try Samples.plan(Samples.quickstart)["prior"])
        #expect(
            stage.resources
                == Resources(cpus: 2, memory: 2_000_000_000, time: .seconds(5_400)))
        #expect(Resources.bytes("512MiB") == 512 << 20)
        #expect(Resources.bytes("1.5 KB") == 1_500)
        #expect(Resources.bytes("4000") == nil)
        #expect(Resources.duration("1d2h3m4s") == .seconds(93_784))
    }

    @Test("Other resources are pools, and how often and how long to try may refer to parameters")
    func poolsAndTrials() throws {
        let plan = try Samples.plan(
            """
            name: p
            params: { tries: 2, most: 2h }
            stages:
              q:
                uses: ingest.countdown
                resources: { gpu: 1, api: ${params.tries} }
                retry: ${params.tries}
                timeout: ${params.most}
              plain: { uses: ingest.countdown }
            """)
        let stage = try #require(plan["q"])
        #expect(stage.resources == Resources(pools: ["gpu": 1, "api": 2]))
        #expect(stage.retry == 2)
        #expect(stage.timeout == .seconds(7_200))
        #expect(plan["plain"]?.retry == 0)
        #expect(plan["plain"]?.timeout == nil)
    }

    @Test("A stage without resources takes one processor")
    func defaultResources() throws {
        #expect(try Samples.plan(Samples.quickstart)["questions"]?.resources == Resources())
    }

    @Test("One mistake is not reported again where its consequences show")
    func noCascade() {
        let checked = Samples.parse(
            """
            name: p
            params: { a: "${params.b}", b: "${params.a}" }
            stages:
              q:
                uses: ingest.countdown
                matrix: { seed: 3 }
                with: { seed: "${matrix.seed}", test: "${params.a}" }
              t: { uses: train.stf, in: { data: q.train } }
              u: { uses: train.sft, in: q, with: 3 }
              s: { uses: sample.traces, in: { model: t.model, questions: q } }
            """)
        #expect(
            checked.diagnostics.map(\.message) == [
                "the parameters `a` and `b` form a cycle: a -> b -> a",
                "the matrix axis `seed` must be a list of values, not `3`",
                "there is no stage kind `train.stf`",
                "`in` must be a table of `key: value`, not the text \"q\"",
                "`with` must be a table of `key: value`, not `3`",
            ])
    }

    @Test("A file cannot send control characters to the terminal")
    func controlCharacters() {
        let checked = Samples.parse("name: p\nstages: {}\n\"\\e[2J\": 1\n")
        #expect(
            checked.diagnostics.last?.message
                == "a pipeline file has no key `\u{FFFD}[2J`")
    }

    @Test("Lines may end as on Windows")
    func windows() {
        let text = Samples.quickstart.replacingOccurrences(of: "\n", with: "\r\n")
        #expect(Samples.parse(text).value != nil)
        #expect(
            Samples.parse(text.replacingOccurrences(of: "uses: weigh", with: "uses: wiegh"))
                .diagnostics.map(\.description) == [
                    """
                    lab/p.yaml:23:11: error: there is no stage kind `wiegh`
                          uses: wiegh
                                ^
                      did you mean `weigh`?
                    """
                ])
    }

    @Test("A file that starts with a byte order mark is read")
    func byteOrderMark() {
        let data = Data([0xEF, 0xBB, 0xBF]) + Data(Samples.quickstart.utf8)
        let source = SourceFile.decoding(data, path: "p.yaml").value
        #expect(source.map { Samples.parse($0.text).diagnostics } == [])
    }

    @Test("A file cut off anywhere is refused with a place inside it, or read")
    func truncated() {
        let text = Samples.quickstart
        for length in stride(from: 0, to: text.count, by: 3) {
            let part = String(text.prefix(length))
            let checked = Samples.parse(part)
            let hasErrors = checked.diagnostics.contains { $0.severity == .error }
            #expect((checked.value == nil) == hasErrors)
            let lines = part.count { $0 == "\n" } + 1
            #expect(checked.diagnostics.allSatisfy { ($0.position?.line ?? 1) <= lines + 1 })
        }
    }

    @Test(
        "Any character in a wrong place is reported, never a crash",
        arguments: Array("{}[]:*&!|>'\"%@$-?#,\t\n"))
    func misplaced(_ character: Character) {
        let text = Samples.quickstart
        for offset in stride(from: 0, to: text.count, by: 7) {
            var mutant = text
            mutant.insert(character, at: mutant.index(mutant.startIndex, offsetBy: offset))
            let checked = Samples.parse(mutant)
            #expect(
                (checked.value == nil) == checked.diagnostics.contains { $0.severity == .error })
        }
    }

    @Test("A slash before an accent ends a file's directory")
    func accents() {
        #expect(SourceFile(path: "a/\u{301}p", text: "").directory == "a/")
    }
}
