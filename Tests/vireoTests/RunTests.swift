import Foundation
import Testing

/// A small pipeline that was run once for all the tests that ask about it.
private struct Example {
    static let shared = Result { try Example() }

    let tool: Tool
    let first: Tool.Result

    static let pipeline = """
        name: example
        params: { seed: 0, questions: 8 }
        stages:
          questions:
            uses: ingest.countdown
            with: { train: 4, demonstrations: 4, test: "${params.questions}", seed: "${params.seed}" }
          base:
            uses: train.pretrain
            with: { steps: 2, hidden_size: 16, layers: 1, heads: 2, key_value_heads: 2, head_size: 8, intermediate_size: 16 }
          accuracy:
            uses: evaluate
            in: { model: base, questions: questions.test }
            with: { samples: 2, label: base }
        """

    private init() throws {
        tool = try Tool()
        try tool.write(Self.pipeline, to: "pipelines/example.yaml")
        first = try tool.run("run", "pipelines/example.yaml")
    }
}

@Suite("Running and asking", .timeLimit(.minutes(10)))
struct RunTests {
    private let tool: Tool
    private let first: Tool.Result

    init() throws {
        let example = try Example.shared.get()
        tool = example.tool
        first = example.first
    }

    @Test("A run tells of its stages on standard error and of its results on standard output")
    func run() throws {
        #expect(first.status == 0)
        #expect(first.errors.contains("base: started (it has never run)\n"))
        #expect(first.errors.contains("accuracy: finished in "))
        #expect(
            first.output.hasPrefix(
                """
                Accuracy in %: avg@2 on 8 questions, 2 completions each, ± 95% interval clustered by question
                model  all
                """))
        #expect(first.output.contains("\n3 stages: 3 ran, "))
        #expect(
            first.output.contains("\nAll results are in pipelines/.vireo/vireo.db. Query them:\n"))
    }

    @Test("A second run finds everything in the store")
    func cached() throws {
        let copy = try Tool()
        try copy.write(Example.pipeline, to: "example.yaml")
        let store = tool.directory + "/pipelines/.vireo"
        try FileManager.default.copyItem(atPath: store, toPath: copy.directory + "/.vireo")
        let again = try copy.run("run", "example.yaml")
        #expect(again.status == 0)
        #expect(again.errors == "questions: cached\nbase: cached\naccuracy: cached\n")
        #expect(again.output.contains("\nEverything was cached: 3 stages, "))
        let forced = try copy.run("run", "example.yaml", "--force", "accuracy")
        #expect(forced.output.contains("\n3 stages: 1 ran, 2 cached, "))
        let only = try copy.run("run", "example.yaml", "--only", "questions")
        #expect(only.errors == "questions: cached\n")
        let onlyAgain = try copy.run("run", "example.yaml", "--only", "questions")
        #expect(onlyAgain.errors == "")
        #expect(onlyAgain.output.contains("Everything was cached: 1 stage, "))
        let from = try copy.run("run", "example.yaml", "--from", "base")
        #expect(from.errors == "")
        #expect(from.output.contains("\nEverything was cached: 3 stages, "))
    }

    @Test("The plan says what would run and why")
    func plan() throws {
        let file = "pipelines/example.yaml"
        #expect(
            try tool.run("plan", file).output == """
                questions  cached
                base       cached
                accuracy   cached

                """)
        #expect(
            try tool.run("run", file, "--dry-run", "--set", "questions=12").output == """
                questions  runs because with.test 8 -> 12
                base       cached
                accuracy   waits for questions

                """)
        #expect(
            try tool.run("run", file, "--dry-run", "--json").output
                == tool.run("plan", file, "--json").output)
        #expect(
            try tool.run("run", file, "--json").output == tool.run("report", "--json").output)
        #expect(
            try tool.run("plan", file, "--force", "base").output == """
                questions  cached
                base       runs because it is forced
                accuracy   waits for base

                """)
        let unknown = try tool.run("plan", file, "--only", "bas")
        #expect(
            unknown.errors
                == "vireo: error: the pipeline has no stage 'bas': did you mean 'base'?\n")
        #expect(unknown.status == 1)
    }

    @Test("A plan without a store makes none")
    func planWithoutStore() throws {
        let other = tool.directory + "/other"
        #expect(
            try tool.run("plan", "pipelines/example.yaml", "--store", other).output == """
                questions  runs because it has never run
                base       runs because it has never run
                accuracy   runs because it has never run

                """)
        #expect(!FileManager.default.fileExists(atPath: other))
    }

    @Test("Status, runs and show find the store of pipelines from the directory above")
    func asking() throws {
        let status = try tool.run("status").output
        #expect(status.hasPrefix("Run 1 of example: done in "))
        #expect(status.contains("\nbase       train.pretrain    ran      "))
        let runs = try tool.run("runs", "--format", "csv").output
        #expect(
            runs.hasPrefix(
                "run,pipeline,outcome,started (UTC),time,stages,ran,cached,failed\n1,example,done,")
        )
        let show = try tool.run("show", "base").output
        #expect(show.hasPrefix("base (train.pretrain), run 1: ran\n  why       it has never run\n"))
        #expect(show.contains("\nhidden_size        16\n"))
        #expect(show.contains("\nmodel    model  "))
        #expect(try tool.run("log", "base").status == 0)
        let unknown = try tool.run("show", "bas")
        #expect(
            unknown.errors == """
                vireo: error: no run has a stage 'bas': `vireo status` lists the stages of the latest run

                """)
        #expect(
            try tool.run("status", "9").errors
                == "vireo: error: there is no run 9: `vireo runs` lists them\n")
    }

    @Test("The report repeats the tables of a run")
    func report() throws {
        let report = try tool.run("report").output
        #expect(report.hasPrefix("Run 1 of example: done in "))
        let table = first.output.prefix { $0 != "\n" }
        #expect(report.contains(table))
    }

    @Test("Every query that the summary offers has an answer")
    func offered() throws {
        let lines = first.output.split(separator: "\n").filter { $0.contains(" sql \"") }
        #expect(lines.count == 1)
        for line in lines {
            let query = String(line.split(separator: "\"")[1])
            #expect(try tool.run("sql", query).status == 0)
        }
    }

    @Test("Queries are answered in every format and cannot write")
    func sql() throws {
        let query = "SELECT name, 1 AS one FROM stage ORDER BY ordinal LIMIT 1"
        #expect(
            try tool.run("sql", query).output == "name       one\n---------  ---\nquestions    1\n")
        #expect(
            try tool.run("sql", query, "--format", "json").output
                == "[\n  {\"name\": \"questions\", \"one\": 1}\n]\n")
        let writing = try tool.run("sql", "DELETE FROM run")
        #expect(
            writing.errors == """
                vireo: error: the query is not allowed: the console is read-only; use SELECT, WITH or EXPLAIN

                """)
        #expect(writing.status == 1)
        let cut = try tool.run(
            "sql",
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10001) SELECT i FROM n"
        )
        #expect(
            cut.errors
                == "vireo: only the first 10000 rows are shown: add LIMIT, narrow the query or "
                + "raise --limit\n"
        )
    }

    @Test("`vireo ask` samples a completion of a question")
    func ask() throws {
        let answer = try tool.run("ask", "base", "4 8 7 : 39", "--samples", "2", "--seed", "1")
        #expect(answer.status == 0)
        #expect(answer.output.hasPrefix("4 8 7 : 39\n\n"))
        let again = try tool.run("ask", "base", "4 8 7 : 39", "--samples", "2", "--seed", "1")
        #expect(again.output == answer.output)
        let none = try tool.run("ask", "questions", "4 8 7 : 39")
        #expect(
            none.errors == """
                vireo: error: the stage 'questions' has no model output, only demonstrations, overlap, \
                spare, spare_demonstrations, test, train, validation: name a stage that trains a model

                """)
        let puzzle = try tool.run("ask", "base", "4 8 7")
        #expect(
            puzzle.errors == """
                vireo: error: '4 8 7' is not a Countdown question: it needs one ':' between the numbers \
                and the target, and '4 8 7' is not a modular question: it needs ':' and a \
                target at its end

                """)
    }

    @Test("A failed stage ends the run with 2 and keeps what depends on it from starting")
    func failure() throws {
        let tool = try Tool()
        try tool.write(
            """
            name: failing
            stages:
              bad:
                uses: command
                with: { run: [sh, -c, "echo no luck >&2; exit 3"], outputs: [made] }
              next:
                uses: command
                in: { made: bad }
                with: { run: [ls], outputs: [list] }
            """, to: "failing.yaml")
        let result = try tool.run("run", "failing.yaml")
        #expect(result.status == 2)
        #expect(result.errors.contains("bad: failed: the command "))
        #expect(
            result.errors.contains(
                "next: skipped, because a stage that it depends on did not finish\n"))
        #expect(result.output.contains("2 stages: 1 failed, 1 skipped, "))
        #expect(try tool.run("log", "bad").output.contains("no luck"))
    }

    @Test("An interrupted run ends with 130, and the next one goes on where it stopped")
    func interruption() throws {
        let tool = try Tool()
        try tool.write(
            """
            name: long
            stages:
              base:
                uses: train.pretrain
                with: { steps: 1000000, hidden_size: 16, layers: 1, heads: 2, key_value_heads: 2, head_size: 8, intermediate_size: 16 }
            """, to: "long.yaml")
        let first = try tool.interrupt("run", "long.yaml", after: "base: started")
        #expect(first.status == 130)
        #expect(first.errors.contains("vireo: stopping; interrupt again to stop immediately\n"))
        #expect(first.errors.contains("base: stopped; the next run resumes it\n"))
        #expect(first.output.contains("1 stage: 1 cancelled, "))
        #expect(try tool.run("status").output.hasPrefix("Run 1 of long: cancelled in "))
    }
}
