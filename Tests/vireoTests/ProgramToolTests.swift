import Foundation
import Processes
import Stages
import Testing

private enum ProgramSandbox {
    /// Whether this machine permits sandboxes.
    static let isPossible: Bool = {
        do {
            _ = try ProgramVerifier(
                limits: .init(seconds: 10, mebibytes: 512),
                searchPath: ProcessInfo.processInfo.environment["PATH"] ?? "", threads: 1)
            return true
        } catch {
            print("Tests of programs in sandboxes are skipped: \(error)")
            return false
        }
    }()
}

/// The program judges programs; see also `ProgramVerifierTests`.
@Suite(
    "Programs that are judged", .timeLimit(.minutes(10)),
    .enabled(if: ProgramSandbox.isPossible, "programs run in a sandbox of bubblewrap"))
struct ProgramToolTests {
    private let tool: Tool

    init() throws { tool = try Tool() }

    @Test("The pipeline that comes with the project finds the right programs")
    func pipeline() throws {
        for name in ["pipelines", "data"] {
            try FileManager.default.copyItem(
                atPath: Document.root + "/" + name, toPath: tool.directory + "/" + name)
        }
        let store = tool.directory + "/own"
        let run = try tool.run("run", "pipelines/code.yaml", "--store", store)
        #expect(run.status == 0, "\(run.errors)")
        let counts = try tool.run(
            "sql", "--store", store, "--format", "csv",
            "SELECT rollout, sum(correct), count(*) FROM verdict GROUP BY rollout ORDER BY rollout")
        #expect(counts.output.hasSuffix("\n0,12,12\n1,0,12\n"))
        let reasons = try tool.run(
            "sql", "--store", store, "--format", "csv",
            "SELECT reason FROM verdict WHERE question LIKE 'stairs%' AND correct = 0")
        #expect(reasons.output.contains("2 of 3 tests passed; time limit on test 3: over 2 s"))
        let again = try tool.run("run", "pipelines/code.yaml", "--store", store)
        #expect(again.status == 0, "\(again.errors)")
    }

    @Test("Lines are judged without a pipeline")
    func answers() throws {
        let gold =
            #"{\"tests\":[{\"input\":\"1\",\"output\":\"1\"},{\"input\":\"2\",\"output\":\"2\"}]}"#
        let lines = ["print(input())", "print(1)"].map {
            #"{"response":"```python\n"# + $0 + #"\n```","gold":""# + gold + "\"}\n"
        }.joined()
        let result = try tool.run("answers", "verify", "--verifier", "code", input: lines)
        #expect(
            result.output == """
                {"correct":true,"reason":null,"extracted":"print(input())"}
                {"correct":false,"reason":"wrong answer on test 2: '1', not '2'","extracted":"print(1)"}

                """)
        let counted = try tool.run(
            "answers", "verify", "--verifier", "code", "--all-tests", "--time-limit", "20",
            "--memory-limit", "512", "--threads", "1", input: lines)
        #expect(counted.output.contains("1 of 2 tests passed; wrong answer on test 2"))
        let missing = try tool.run(
            "answers", "verify", "--verifier", "code", input: "{\"response\":\"x\"}\n")
        #expect(missing.errors == "vireo: error: standard input:1: the field 'gold' is missing\n")
        #expect(missing.status == 1)
    }

    @Test("The doctor names the Python that runs programs")
    func doctor() throws {
        let result = try tool.run("doctor").output
        #expect(result.contains(/\nsandbox +CPython 3\.\S+ +runs programs for the verifier code\n/))
    }
}
