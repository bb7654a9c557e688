import Foundation
import Testing

@Suite("Logs", .timeLimit(.minutes(10)))
struct LogTests {
    @Test("A log is followed from another terminal until its stage has ended")
    func follow() async throws {
        let tool = try Tool()
        try tool.write(
            """
            name: talk
            stages:
              talk:
                uses: command
                with:
                  run: [sh, -c, 'echo one; i=0; until [ -e "$1" ] || [ $i = 500 ]; do i=$((i+1)); sleep 0.02; done; echo two; touch "$2/x"', "-", "\(tool.directory)/go", "${out.made}"]
                  outputs: [made]
            """, to: "talk.yaml")
        let run = try tool.start(["run", tool.directory + "/talk.yaml"])
        var follower: Task<Ending, any Error>?
        for await event in run.events {
            guard case .line(let line) = event, line.hasPrefix("talk: started"), follower == nil
            else { continue }
            follower = Task {
                let log = try tool.start([
                    "log", "talk", "--follow", "--store", tool.directory + "/.vireo",
                ])
                return await Tool.follow(log) { line in
                    // The log is read while the stage runs: only now does it go on.
                    guard line == "one" else { return }
                    _ = FileManager.default.createFile(
                        atPath: tool.directory + "/go", contents: nil)
                }
            }
        }
        let ending = try await #require(follower).value
        #expect(ending.lines == ["one", "two"])
        #expect(ending.status?.isSuccess == true)
        let after = try tool.run("log", "talk", "--follow", "--json")
        #expect(
            after.output == """
                {"line":"one","stage":"talk"}
                {"line":"two","stage":"talk"}

                """)
    }

    @Test("`vireo log --follow` says that no process runs the stage of a killed run")
    func killed() async throws {
        let tool = try Tool()
        try tool.write(
            """
            name: long
            stages:
              wait: { uses: command, with: { run: [sh, -c, "echo here; sleep 3000"], outputs: [made] } }
            """, to: "long.yaml")
        _ = try await tool.run(
            ["run", tool.directory + "/long.yaml"], sending: SIGKILL, after: "wait: started")
        let log = try tool.run("log", "wait", "--follow")
        #expect(
            log.errors
                == "vireo: no process is running wait; the next run resumes from there\n")
        #expect(log.status == 0)
    }

    @Test("Each run has the log of its own execution, whatever was run again later")
    func runs() throws {
        let tool = try Tool()
        try tool.write(
            """
            name: count
            stages:
              count:
                uses: command
                with:
                  run: [sh, -c, 'echo x >> "$1"; echo line $(wc -l < "$1"); touch "$2/x"', "-", "\(tool.directory)/lines", "${out.made}"]
                  outputs: [made]
            """, to: "count.yaml")
        #expect(try tool.run("run", "count.yaml").status == 0)
        #expect(try tool.run("run", "count.yaml", "--force", "count").status == 0)
        #expect(try tool.run("log", "count").output == "line 2\n")
        #expect(try tool.run("log", "count", "--run", "1").output == "line 1\n")
        #expect(try tool.run("log", "count", "--run", "1", "--follow").output == "line 1\n")
    }

    @Test("An empty log and a missing one are told apart")
    func absent() throws {
        let tool = try Tool()
        try tool.write(
            """
            name: quiet
            stages:
              quiet: { uses: command, with: { run: [touch, "${out.made}/x"], outputs: [made] } }
              bad: { uses: command, in: { made: quiet }, with: { run: ["false"], outputs: [made] } }
              next: { uses: command, in: { made: bad }, with: { run: ["true"], outputs: [made] } }
            """, to: "quiet.yaml")
        #expect(try tool.run("run", "quiet.yaml").status == 2)
        let empty = try tool.run("log", "quiet")
        #expect(empty.output == "")
        #expect(empty.errors == "vireo: the log of the stage 'quiet' is empty\n")
        #expect(empty.status == 0)
        let skipped = try tool.run("log", "next", "--follow")
        #expect(
            skipped.errors
                == "vireo: error: the stage 'next' has no log, because it did not start in run 1\n")
        #expect(skipped.status == 1)
        try FileManager.default.removeItem(atPath: tool.directory + "/.vireo/work")
        let removed = try tool.run("log", "quiet")
        #expect(
            removed.errors.hasPrefix(
                "vireo: error: the stage 'quiet' has no log: there is no file \(tool.directory)/.vireo/work/"
            ))
        #expect(removed.errors.hasSuffix("/log-1.txt\n"))
        #expect(removed.status == 1)
    }
}
