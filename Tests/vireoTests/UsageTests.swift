import Foundation
import Testing

@Suite("The command line", .timeLimit(.minutes(10)))
struct UsageTests {
    private let tool: Tool

    init() throws { tool = try Tool() }

    @Test("The version is on standard output")
    func version() throws {
        let result = try tool.run("--version")
        #expect(result.output == "vireo 0.1.0\n")
        #expect(result.errors == "")
        #expect(result.status == 0)
    }

    @Test("An unknown command ends with 64 and the names of those there are")
    func unknownCommand() throws {
        let result = try tool.run("rnu", "x.yaml")
        #expect(
            result.errors == """
                vireo: error: there is no command 'rnu'; there are answers, artifact, ask, bench, data, diff, \
                doctor, explain, export, gc, help, import, log, metrics, model, plan, pull, push, remote, report, run, \
                runs, schema, serve, show, sql, stages, status, verify

                """)
        #expect(result.output == "")
        #expect(result.status == 64)
    }

    @Test("A command line that makes no sense ends with 64 and the usage")
    func usage() throws {
        let missing = try tool.run("run")
        #expect(missing.errors.hasPrefix("vireo: error: Missing expected argument '<file>'\n"))
        #expect(missing.status == 64)
        let jobs = try tool.run("run", "x.yaml", "--jobs", "0")
        #expect(jobs.errors.hasPrefix("vireo: error: --jobs must be 1 or more\n"))
        #expect(jobs.status == 64)
        let hot = try tool.run("model", "generate", "m", "--temperature=-1")
        #expect(hot.errors.hasPrefix("vireo: error: --temperature must be 0 or more\n"))
        #expect(hot.status == 64)
    }

    @Test(
        "A lease that is not a duration is a usage error",
        arguments: ["nan", "inf", "1e30", "-1", "0", "1e-9", "soon"])
    func lease(text: String) throws {
        try tool.write("name: a\nstages:\n  q: { uses: ingest.countdown }\n", to: "a.yaml")
        let result = try tool.run(
            ["VIREO_LEASE=" + text, Tool.path, "run", "a.yaml"], of: "/usr/bin/env")
        #expect(
            result.errors.hasPrefix(
                "vireo: error: VIREO_LEASE must be a number of seconds from 0.01 to 86400, such "
                    + "as 60, not '\(text)'\n"
            ))
        #expect(result.status == 64)
    }

    @Test("A missing pipeline file is an error of one line")
    func missingFile() throws {
        let result = try tool.run("plan", "none.yaml")
        #expect(result.errors == "vireo: error: cannot read none.yaml: there is no such file\n")
        #expect(result.status == 1)
    }

    @Test("Mistakes in a pipeline file are printed with their positions")
    func diagnostics() throws {
        try tool.write("name: a\nstages:\n  q: { uses: ingest.countdwn }\n", to: "a.yaml")
        let result = try tool.run("run", "a.yaml")
        #expect(
            result.errors == """
                a.yaml:3:14: error: there is no stage kind `ingest.countdwn`
                    q: { uses: ingest.countdwn }
                               ^
                  did you mean `ingest.countdown`?

                """)
        #expect(result.output == "")
        #expect(result.status == 1)
        #expect(!FileManager.default.fileExists(atPath: tool.directory + "/.vireo"))
    }

    @Test("A setting without a value is an error")
    func setting() throws {
        try tool.write("name: a\nstages:\n  q: { uses: ingest.countdown }\n", to: "a.yaml")
        let result = try tool.run("plan", "a.yaml", "--set", "seed")
        #expect(
            result.errors
                == "vireo: error: 'seed' is not a parameter setting: write --set NAME=VALUE, "
                + "such as --set seed=1\n"
        )
        #expect(result.status == 1)
    }

    @Test("Without a store, the error of a query says how to get one")
    func noStore() throws {
        let result = try tool.run("sql", "SELECT 1")
        #expect(
            result.errors == """
                vireo: error: no store found in \(tool.directory) or its parent directories: run a \
                pipeline first, or name a store with --store

                """)
        #expect(result.status == 1)
    }

    @Test("Results that cannot be written are an error")
    func fullDisk() throws {
        try tool.write("vireo=$1; $vireo schema > /dev/full", to: "full.sh")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [tool.directory + "/full.sh", Tool.path]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let text = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(
            String(decoding: text, as: UTF8.self)
                == "vireo: error: cannot write to standard output: No space left on device\n")
        #expect(process.terminationStatus == 1)
    }

    @Test("Every stage kind is documented from its declaration")
    func stages() throws {
        let list = try tool.run("stages").output
        #expect(list.contains("train.sft         Fine-tunes a model on traces and answers"))
        let verify = try tool.run("stages", "verify").output
        #expect(
            verify == """
                verify: Judges every answer, with the reason if it is not correct.

                in:
                  answers: answers, one or more
                      The answers.
                  questions: questions
                      The questions they answer.

                outputs:
                  verdicts: verdicts
                      One verdict per answer.

                with:
                  verifier: exact | numeric | boxed | choice | countdown | modular | code | external; default null
                      The verifier; null for the one that the task of each question names. external runs `command`.
                  fallback: none | external; default "none"
                      The verifier of answers that the first verifier cannot judge; external runs `command`.
                  command: list of text; default []
                      The program that judges, and its arguments; it reads and writes JSON lines. math-verify is built in and needs python3 with the package of that name.
                  files: list of file or directory; default []
                      Files that the program reads, such as its script; their contents are part of the cache key.
                  timeout: number > 0 to 86400; default 5
                      The time limit of the program per answer, in seconds; slower answers are not judged.
                  tolerance: number 0 to 0.1; default 0
                      With boxed: the relative tolerance of numbers with respect to the reference answer; with code: the relative or absolute one of numbers with a decimal point.
                  ordered: true or false; default false
                      With boxed: whether a list without brackets must be in the order of the reference answer.
                  percents_as_written: true or false; default false
                      With boxed: whether 50% equals only 50, and not 0.5.
                  solved: true or false; default false
                      With boxed: whether 1 < x < 2 is rejected if the reference answer is (1,2).
                  time_limit: integer 1 to 3600; default 10
                      With code: the time limit of a program per test, in seconds of processor time; by the clock it may take four times as long.
                  memory_limit: integer 64 to 1048576; default 1024
                      With code: the memory limit of a program, in MiB.
                  all_tests: true or false; default false
                      With code: whether the tests after a failed one run too; the reason then says how many passed.
                  unjudged_limit: number 0 to 1; default 0.1
                      The maximum share of unjudged answers, which count as not correct; the stage fails if it is exceeded.

                """)
        let training = try tool.run("stages", "train.sft").output
        #expect(
            training.contains(
                """
                  epochs: number > 0 to 100000; this or steps
                      Passes over the data; may be a fraction.
                """))
        #expect(
            training.contains(
                """
                  checkpoint_steps: integer 1 to 100000000; default null; the result does not depend on it
                      Steps between two checkpoints.
                """))
        let unknown = try tool.run("stages", "verfy")
        #expect(
            unknown.errors.hasPrefix("vireo: error: there is no stage kind 'verfy': there are "))
        #expect(unknown.status == 1)
    }

    @Test("The schemas of pipeline files and of profiles are JSON, and the first knows every kind")
    func schema() throws {
        let result = try tool.run("schema")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        #expect((object as? [String: Any])?["title"] as? String == "A Vireo pipeline or fragment")
        #expect(result.output.contains("train.posterior"))
        let profile = try tool.run("schema", "--profile").output
        let schema = try JSONSerialization.jsonObject(with: Data(profile.utf8))
        #expect((schema as? [String: Any])?["title"] as? String == "A Vireo profile")
    }

    @Test("The fixed test questions are those that ship")
    func data() throws {
        #expect(try tool.run("data", "countdown", "-o", "test.jsonl").status == 0)
        let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../data/countdown-test.jsonl")
        #expect(
            try tool.read("test.jsonl") == String(contentsOf: shipped, encoding: .utf8))
        let few = try tool.run("data", "countdown", "--test", "4")
        #expect(few.output.split(separator: "\n").count == 4)
    }
}
