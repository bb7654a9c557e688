import Foundation
import Processes
import Testing

@Suite("Runs of programs", .timeLimit(.minutes(10)))
struct ProgramRunTests {
    private func run(
        _ script: String, limit: Duration = .seconds(300), endsWithTask: Bool = true
    ) throws -> ProgramRun {
        try ProgramRun(
            "/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"], limit: limit,
            endsWithTask: endsWithTask)
    }

    @Test("The outcome and the lines of both streams are returned")
    func output() throws {
        let run = try run("echo one; echo wrong >&2; printf two; exit 3")
        #expect(run.outcome == .ended(.exited(3)) && !run.isSuccess)
        #expect(run.output == ["one", "two"] && run.outputText == "one\ntwo")
        #expect(run.errors == ["wrong"])
    }

    @Test("Of many lines on standard error, the last ones are kept")
    func errors() throws {
        let run = try run("seq 5000 >&2")
        #expect(run.isSuccess)
        #expect(run.errors.count == 100 && run.errors.last == "5000")
    }

    @Test("A program is killed at its time limit, with what it wrote before")
    func limit() throws {
        let run = try run("echo begun; sleep 3000", limit: .seconds(1))
        #expect(run.outcome == .late && run.output == ["begun"])
    }

    @Test("A cancelled task kills only programs that end with it")
    func cancellation() async throws {
        let runs = try await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return (try run("sleep 3000"), try run("sleep 0.3; echo end", endsWithTask: false))
        }.value
        #expect(runs.0.outcome == .cancelled)
        #expect(runs.1.isSuccess && runs.1.output == ["end"])
    }

    @Test("A program is searched for in the absolute directories of PATH")
    func search() {
        #expect(ProgramRun.path(of: "sh", in: "relative:/nonexistent:/bin") == "/bin/sh")
        #expect(ProgramRun.path(of: "sh", in: "bin") == nil)
        // A directory is no program.
        #expect(ProgramRun.path(of: "bin", in: "/usr") == nil)
        #expect(ProgramRun.path(of: "./own", in: "/bin") == "./own")
        #expect(throws: SpawnError(executable: "none", reason: "not found in PATH")) {
            try ProgramRun.requiredPath(of: "none", in: "/bin")
        }
    }
}
