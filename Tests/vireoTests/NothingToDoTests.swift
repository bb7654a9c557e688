import Foundation
import Testing

/// Running what was run before.
@Suite("Nothing to do", .timeLimit(.minutes(10)))
struct NothingToDoTests {
    private let tool: Tool
    private let run = ["run", "copy.yaml"]

    init() throws {
        tool = try Tool()
        try tool.write("seed", to: "seed.txt")
        try tool.write(
            """
            name: copy
            stages:
              first:
                uses: command
                with: { run: [cp, seed.txt, "${out.copy}/a"], outputs: [copy], files: [seed.txt] }
              second:
                uses: command
                in: { copy: first }
                with: { run: [cp, "${in.copy}/a", "${out.copy}/b"], outputs: [copy] }
            """, to: "copy.yaml")
        // Files younger than the clock's step are not trusted.
        usleep(50_000)
    }

    /// Bytes, inode and time of change of every file of the store.
    private func state() throws -> [String: String] {
        let store = tool.directory + "/.vireo"
        var state: [String: String] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: store)
        where !name.hasSuffix("-shm") {
            var status = stat()
            #expect(lstat(store + "/" + name, &status) == 0)
            state[name] =
                "\(status.st_size) \(status.st_ino) \(status.st_mtim)"
        }
        return state
    }

    private func rows(_ table: String) throws -> String {
        try tool.run("sql", "SELECT count(*) FROM \(table)", "--format", "csv").output
    }

    @Test("A changed value of a declared variable is not answered by the cached run")
    func variable() throws {
        try tool.write(
            """
            name: variable
            stages:
              a:
                uses: command
                with:
                  run: [sh, -c, 'echo "$FOO" > "${out.o}/f"']
                  outputs: [o]
                  environment: [FOO]
            """, to: "variable.yaml")
        usleep(50_000)
        func run(_ value: String, _ command: String = "run") throws -> Tool.Result {
            try tool.run(
                ["-c", "FOO=\(value) exec \"$0\" \(command) variable.yaml", Tool.path],
                of: "/bin/sh")
        }
        for value in ["1", "2", "1"] {
            _ = try run(value)
            let again = try run(value)
            #expect(again.output.contains("Everything was cached: 1 stage"))
            #expect(try run(value, "plan").output == "a  cached\n")
        }
        #expect(try run("3", "plan").output == "a  runs because environment.FOO changed\n")
        #expect(try rows("execution") == "count(*)\n2\n")
    }

    @Test("An unchanged run writes nothing")
    func writesNothing() throws {
        #expect(try tool.run(run).output.contains("2 stages: 2 ran, "))
        _ = try tool.run(run)
        let before = try state()
        for _ in 0..<3 {
            let again = try tool.run(run)
            #expect(again.status == 0 && again.errors == "")
            #expect(again.output.contains("Everything was cached: 2 stages, "))
        }
        #expect(try state() == before)
        #expect(try rows("run") == "count(*)\n1\n")
    }

    @Test("A file that was only touched is read once more, and then trusted again")
    func touched() throws {
        _ = try tool.run(run)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_600_000_000)],
            ofItemAtPath: tool.directory + "/seed.txt")
        usleep(50_000)
        #expect(try tool.run(run).output.contains("Everything was cached: 2 stages, "))
        let before = try state()
        #expect(try tool.run(run).output.contains("Everything was cached: 2 stages, "))
        #expect(try state() == before)
        #expect(try rows("run") == "count(*)\n1\n")
    }

    @Test("A changed file is noticed, and what reads the same bytes as before is cached")
    func changed() throws {
        _ = try tool.run(run)
        try tool.write("tree", to: "seed.txt")
        #expect(try tool.run(run).output.contains("2 stages: 2 ran, "))
        try tool.write("seed", to: "seed.txt")
        #expect(try tool.run(run).output.contains("Everything was cached: 2 stages, "))
        #expect(try rows("run") == "count(*)\n2\n")
    }

    @Test("A lost archive is made again")
    func lost() throws {
        _ = try tool.run(run)
        let row = try tool.run(
            "sql", "SELECT name, artifact FROM execution_output LIMIT 1", "--format", "csv"
        ).output.split(separator: "\n")[1].split(separator: ",")
        let (name, digest) = (row[0], row[1])
        try FileManager.default.removeItem(
            atPath: "\(tool.directory)/.vireo/objects/\(digest.prefix(2))/\(digest).tar.zst")
        let again = try tool.run(run)
        #expect(again.output.contains("2 stages: 1 ran, 1 cached, "))
        #expect(again.errors.contains("started (its artifact \(name) is missing)"))
    }

    @Test("Warnings show every time")
    func warnings() throws {
        let text = try String(contentsOfFile: tool.directory + "/copy.yaml", encoding: .utf8)
        try tool.write("params: { idle: 1 }\n" + text, to: "copy.yaml")
        usleep(50_000)
        for _ in 0..<3 {
            #expect(try tool.run(run).errors.contains("warning: the parameter `idle` is not used"))
        }
    }
}
