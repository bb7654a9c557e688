import Foundation
import Processes
import Testing

/// Runs that are told to stop, and runs that are stopped without a word.
@Suite("Interruptions", .timeLimit(.minutes(10)))
struct InterruptionTests {
    private let tool: Tool

    init() throws { tool = try Tool() }

    private func cell(_ query: String) throws -> String {
        let output = try tool.run("sql", query, "--store", "store", "--format", "csv").output
        return output.split(separator: "\n").dropFirst().joined(separator: "\n")
    }

    @Test("Interrupted once, a run saves what it has and ends with 130, and the next one goes on")
    func interruption() async throws {
        try tool.write(
            """
            name: long
            stages:
              base:
                uses: train.pretrain
                with: { steps: 300, hidden_size: 16, layers: 1, heads: 2, key_value_heads: 2, head_size: 8, intermediate_size: 16 }
            """, to: "long.yaml")
        let store = tool.directory + "/store"
        let arguments = ["run", tool.directory + "/long.yaml", "--store", store]
        let first = try await tool.run(arguments, sending: SIGINT) {
            Self.hasMetrics(store)
        }
        #expect(first.status?.outcome == .exited(130), "\(first.text)")
        #expect(first.lines.contains("vireo: stopping; interrupt again to stop immediately"))
        #expect(first.lines.contains("base: stopped; the next run resumes it"))
        let step = try cell("SELECT checkpoint FROM execution")
        #expect(Int(step) ?? 0 > 0)

        let second = try tool.run("run", "long.yaml", "--store", "store")
        #expect(second.errors.hasPrefix("base: started (resumes after step \(step))\n"))
        #expect(second.errors.contains("base: resumed after step \(step)\n"))
        #expect(second.status == 0)
        #expect(
            try cell(
                "SELECT count(*) FROM metric JOIN execution ON id = execution WHERE state = 'done' AND name = 'loss'"
            ) == "300")
    }

    private static func hasMetrics(_ store: String) -> Bool {
        let work = store + "/work"
        let keys = (try? FileManager.default.contentsOfDirectory(atPath: work)) ?? []
        return keys.contains { key in
            let path = "\(work)/\(key)/metrics.jsonl"
            let log = FileManager.default.contents(atPath: path) ?? Data()
            return log.range(of: Data("{\"metric\"".utf8)) != nil
        }
    }

    /// A stage whose program, and what that one started, hold a pipe open for as long as they live.
    private func startCommand(_ pipe: String) throws -> [String] {
        try #require(mkfifo(tool.directory + "/" + pipe, 0o600) == 0)
        try tool.write(
            """
            name: endless
            stages:
              command:
                uses: command
                with:
                  run: [sh, -c, "exec 9> \(tool.directory)/\(pipe); echo started >&9; sleep 1000 & wait"]
                  outputs: [made]
            """, to: "endless.yaml")
        return ["run", tool.directory + "/endless.yaml"]
    }

    @Test("However suddenly a run is killed, its commands and what they started end with it")
    func killedCommand() async throws {
        let child = try tool.start(try startCommand("alive"))
        let alive = try #require(FileHandle(forReadingAtPath: tool.directory + "/alive"))
        #expect(try alive.read(upToCount: 8) == Data("started\n".utf8))
        killpg(child.pid, SIGKILL)
        // The end of the pipe comes when the last of them is gone.
        #expect(try alive.readToEnd() ?? Data() == Data())
        withExtendedLifetime(child) {}
    }

    @Test("A signal that was ignored at the start stays ignored, by the run and by its commands")
    func ignoredSignals() async throws {
        try tool.write(
            """
            name: hangup
            stages:
              a: { uses: command, with: { run: [sh, -c, "kill -HUP $$; read go < go; touch ${out.o}/f"], outputs: [o] } }
            """, to: "a.yaml")
        try #require(mkfifo(tool.directory + "/go", 0o600) == 0)
        let child = try tool.start(
            ["-c", "trap '' HUP INT; exec \"$0\" run \(tool.directory)/a.yaml", Tool.path],
            of: "/bin/sh")
        let go = try #require(FileHandle(forWritingAtPath: tool.directory + "/go"))
        killpg(child.pid, SIGHUP)
        killpg(child.pid, SIGINT)
        try go.write(contentsOf: Data("go\n".utf8))
        let ending = await Tool.follow(child)
        #expect(ending.status?.outcome == .exited(0), "\(ending.text)")
    }

    @Test("An interruption reaches the program of a command at once")
    func interruptedCommand() async throws {
        let child = try tool.start(try startCommand("alive"))
        let alive = try #require(FileHandle(forReadingAtPath: tool.directory + "/alive"))
        #expect(try alive.read(upToCount: 8) == Data("started\n".utf8))
        killpg(child.pid, SIGINT)
        #expect(try alive.readToEnd() ?? Data() == Data())
        let ending = await Tool.follow(child)
        #expect(ending.status?.outcome == .exited(130))
        #expect(ending.lines.contains("command: stopped; the next run resumes it"))
    }
}
