import Foundation
import Testing

/// A pipeline of commands that was run with two values of a parameter.
private struct Example {
    static let shared = Result { try Example() }

    let tool: Tool

    static let pipeline = """
        name: words
        params: { word: hello }
        stages:
          first:
            uses: command
            with: { run: [sh, -c, 'printf %s "$1" > "$2/f"', "-", "${params.word}", "${out.made}"], outputs: [made] }
          second:
            uses: command
            in: { from: first }
            with: { run: [cp, "${in.from}/f", "${out.made}/g"], outputs: [made] }
          third:
            uses: command
            in: { from: second }
            with: { run: [cp, "${in.from}/g", "${out.made}/h"], outputs: [made] }
          other:
            uses: command
            with: { run: [touch, "${out.made}/x"], outputs: [made] }
        """

    private init() throws {
        tool = try Tool()
        try tool.write(Self.pipeline, to: "words.yaml")
        _ = try tool.run("run", "words.yaml")
        _ = try tool.run("run", "words.yaml", "--set", "word=goodbye")
    }
}

@Suite("Comparing", .timeLimit(.minutes(10)))
struct ComparisonTests {
    private let tool: Tool

    init() throws { tool = try Example.shared.get().tool }

    @Test("A stage is explained by the first cause above it")
    func explanation() throws {
        let result = try tool.run("explain", "third")
        #expect(
            result.output.hasPrefix(
                """
                third (command), run 2 against run 1

                field    run 1      run 2
                -------  ---------  ---------
                in.from  38dc18...  b262c8...

                The inputs changed because
                  second ran again because of first: with.run[4] hello -> goodbye

                measure
                """))
        #expect(result.status == 0)
    }

    @Test("A changed option is its own cause")
    func option() throws {
        let output = try tool.run("explain", "first", "--run", "2", "--against", "1").output
        #expect(
            output.hasPrefix(
                """
                first (command), run 2 against run 1

                field        run 1  run 2
                -----------  -----  -------
                with.run[4]  hello  goodbye

                measure
                """))
    }

    @Test("Equal stages and stages without an earlier run are reported as such")
    func nothing() throws {
        let same = try tool.run("explain", "other", "--run", "2", "--against", "1").output
        #expect(
            same.hasPrefix("other (command), run 2 against run 1\nBoth are execution "))
        #expect(same.hasSuffix(": nothing differs.\n"))
        let none = try tool.run("explain", "other")
        #expect(
            none.errors == """
                vireo: error: no earlier run of the pipeline has a different execution of 'other': choose a run with --against

                """)
        #expect(none.status == 1)
    }

    @Test("The difference of two runs is in their parameters, stages and artifacts")
    func difference() throws {
        let result = try tool.run("diff", "1", "2")
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(
            lines.prefix(12).joined(separator: "\n") == """
                Run 2 of words against run 1 of words: 1 of 4 stages are the same execution

                params  run 1    run 2
                ------  -------  ---------
                word    "hello"  "goodbye"

                stage   kind     run 1  run 2  relation
                ------  -------  -----  -----  ---------------
                first   command  ran    ran    other execution
                second  command  ran    ran    other execution
                third   command  ran    ran    other execution

                """)
        #expect(result.output.contains("\nartifacts    run 1             run 2\n"))
        #expect(result.output.contains("\nfirst.made   "))
        #expect(!result.output.contains("other.made"))
        let same = try tool.run("diff", "2", "2").output
        #expect(
            same == "Run 2 of words against run 2 of words: 4 of 4 stages are the same execution\n")
    }

    @Test("A plan names the stage that ran again and its option")
    func plan() throws {
        let copy = try Tool()
        try copy.write(Example.pipeline, to: "words.yaml")
        _ = try copy.run("run", "words.yaml")
        _ = try copy.run("run", "words.yaml", "--set", "word=bye", "--only", "first")
        #expect(
            try copy.run("plan", "words.yaml", "--set", "word=bye").output == """
                first   cached
                second  runs because in.from changed: first ran again with run[4] hello -> bye
                third   waits for second
                other   cached

                """)
        let first = try JSONSerialization.jsonObject(
            with: Data(try copy.run("plan", "words.yaml", "--set", "word=ho", "--json").output.utf8)
        )
        let stages = try #require(first as? [[String: Any]])
        #expect(stages.map { $0["forecast"] as? String } == ["runs", "waits", "waits", "cached"])
        #expect(stages[0]["reasons"] as? [String] == ["with.run[4] bye -> ho"])
        #expect(stages[1]["for"] as? [String] == ["first"])
        #expect(stages[3].keys.sorted() == ["forecast", "key", "kind", "stage"])
    }
}
