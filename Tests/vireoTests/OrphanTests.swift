import Foundation
import Processes
import Testing

/// Runs whose runner was killed while a stage was half done, and that are begun again at once.
@Suite("Orphans", .timeLimit(.minutes(10)))
struct OrphanTests {
    /// Who is killed.
    enum Victim: CaseIterable {
        case runner
        case group
    }

    /// What the half-done stage is.
    enum Program: CaseIterable {
        case plain
        /// It leaves its process group, and whoever ends that group does not reach it.
        case daemon
    }

    private let tool: Tool

    init() throws { tool = try Tool() }

    /// 2,000 bytes. The first one to write them waits in the middle until it may go on.
    private static let script = """
        head -c 1000 /dev/zero >> $1/data
        if mkdir begun; then until [ -e goon ]; do sleep 0.01; done; fi
        head -c 1000 /dev/zero >> $1/data
        """

    private static let launchers = [
        Program.plain: "[sh, half.sh, \"${out.made}\"]",
        .daemon: "[sh, -c, \"setsid sh half.sh $0 & wait\", \"${out.made}\"]",
    ]

    private func write(_ program: Program) throws {
        try tool.write(Self.script, to: "half.sh")
        try tool.write(
            """
            name: half
            stages:
              first: { uses: command, with: { run: [sh, -c, "echo 1 > $0/one", "${out.made}"], outputs: [made] } }
              half:
                uses: command
                needs: [first]
                with: { run: \(try #require(Self.launchers[program])), files: [half.sh], outputs: [made] }
              last:
                uses: command
                in: { half: half }
                with: { run: [cp, "${in.half}/data", "${out.made}/data"], outputs: [made] }
            """, to: "half.yaml")
    }

    @Test(
        "What an orphan writes never gets into the artifact of the next attempt",
        arguments: Victim.allCases, Program.allCases)
    func orphan(victim: Victim, program: Program) async throws {
        try write(program)
        let (begun, goon) = (tool.directory + "/begun", tool.directory + "/goon")
        let child = try tool.start(["run", tool.directory + "/half.yaml"])
        // A thread waits, for the tests' own may all be waiting for programs.
        Thread.detachNewThread {
            while access(begun, F_OK) != 0 { usleep(5_000) }
            switch victim {
            case .runner: kill(child.pid, SIGKILL)
            case .group: killpg(child.pid, SIGKILL)
            }
            // From now on an orphan that nobody stopped writes the rest.
            close(creat(goon, 0o644))
        }
        _ = await Tool.follow(child)
        let again = await Tool.follow(try tool.start(["run", tool.directory + "/half.yaml"]))
        #expect(again.status?.isSuccess == true, "\(again.text)")
        #expect(again.text.hasPrefix("first: cached\nhalf: started"), "\(again.text)")
        #expect(again.text.contains("\nlast: finished in "), "\(again.text)")
        let sizes = try tool.run(
            "sql", "--store", ".vireo", "--format", "csv",
            """
            SELECT stage.id, bytes FROM stage
            JOIN execution_output ON execution_output.execution = stage.execution
            JOIN artifact_file ON artifact_file.artifact = execution_output.artifact
            WHERE run = (SELECT max(id) FROM run) ORDER BY ordinal
            """)
        #expect(sizes.output == "id,bytes\nfirst,2\nhalf,2000\nlast,2000\n")
    }
}
