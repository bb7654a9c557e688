import Foundation
import Testing

/// The commands that keep a store, from end to end.
@Suite("Keeping a store", .timeLimit(.minutes(10)))
struct StoreToolTests {
    private let tool: Tool

    init() throws {
        tool = try Tool()
        try tool.write(
            """
            name: tiny
            stages:
              questions:
                uses: ingest.countdown
                with: { train: 4, demonstrations: 4, test: 8 }
              count:
                uses: command
                in: { questions: questions.train }
                with:
                  run: [sh, -c, "wc -l < ${in.questions}/questions.jsonl > ${out.lines}/count.txt"]
                  outputs: [lines]

            """, to: "tiny.yaml")
        #expect(try tool.run("run", "tiny.yaml").status == 0)
    }

    private func cell(_ query: String) throws -> String {
        let output = try tool.run("sql", query, "--format", "csv").output
        return output.split(separator: "\n").dropFirst().joined(separator: "\n")
    }

    @Test("A damaged archive is found, quarantined, and made again by the stage that it concerns")
    func repair() throws {
        let sound = try tool.run("verify")
        #expect(sound.output.hasPrefix("Nothing is wrong: 7 artifacts, "))
        #expect(sound.status == 0)
        let digest = try cell("SELECT artifact FROM execution_output WHERE name = 'lines'")
        let object = "objects/\(digest.prefix(2))/\(digest).tar.zst"
        let path = tool.directory + "/.vireo/" + object
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count - 3] ^= 4
        try FileManager.default.removeItem(atPath: path)
        try bytes.write(to: URL(fileURLWithPath: path))

        let damaged = try tool.run("verify")
        #expect(damaged.output.contains("archive: "))
        #expect(damaged.output.contains(object))
        #expect(damaged.output.contains("(tiny: count)"))
        #expect(damaged.output.contains("1 thing is wrong: "))
        #expect(damaged.status == 1)
        #expect(try tool.run("verify", "--json").output.contains("\"stage\": \"count\""))

        let repaired = try tool.run("verify", "--repair")
        #expect(repaired.status == 0)
        #expect(repaired.errors.contains("/quarantine/\(digest).tar.zst"))
        #expect(try tool.run("verify").output.contains("the archive is missing (tiny: count)"))
        let again = try tool.run("run", "tiny.yaml")
        #expect(again.errors.contains("count: started (its artifact lines is missing)"))
        #expect(again.errors.contains("questions: cached"))
        #expect(try tool.run("verify").status == 0)
    }

    @Test(
        "A file that is not a database is distinguished from a damaged database, each with a remedy"
    )
    func noDatabase() throws {
        try Data(repeating: 7, count: 5000).write(
            to: URL(fileURLWithPath: tool.directory + "/.vireo/vireo.db"))
        let result = try tool.run("verify")
        #expect(
            result.output.contains(
                "/.vireo/vireo.db: it is not in SQLite format; make a copy of the store; restore "
                    + "the database from a backup, or move it away and `vireo import` an export or "
                    + "run again: the archives are kept"
            ))
        #expect(result.status == 1)
    }

    @Test("Artifacts are listed, read, taken out, compared and brought in")
    func artifacts() throws {
        let list = try tool.run("artifact", "list")
        #expect(list.output.contains("count.lines@1"))
        #expect(try tool.run("artifact", "cat", "count", "count.txt").output == "4\n")
        let digest = try cell("SELECT artifact FROM execution_output WHERE name = 'lines'")
        #expect(
            try tool.run("artifact", "cat", String(digest.prefix(10)), "count.txt").output == "4\n")
        #expect(try tool.run("artifact", "get", "questions.test@1", "out").status == 0)
        #expect(try tool.read("out/questions.jsonl").split(separator: "\n").count == 8)
        let again = try tool.run("artifact", "get", "questions.test", "out")
        #expect(again.status == 1)
        let difference = try tool.run("artifact", "diff", "questions.train", "questions.test")
        #expect(difference.output.contains("changed  questions.jsonl"))
        #expect(difference.output.contains("4 lines -> "))
        #expect(difference.output.hasSuffix("8 lines\n0 files are the same.\n"))
        #expect(difference.status == 1)
        #expect(
            try tool.run("artifact", "diff", "count", "count").output == "1 file is the same.\n")
        #expect(
            try tool.run("artifact", "cat", "count", "none").errors
                == "vireo: error: artifact \(digest.prefix(12)) has no file 'none': its files "
                + "are count.txt\n"
        )
        #expect(
            try tool.run("artifact", "cat", "nobody", "x").errors
                == "vireo: error: there is no artifact 'nobody': `vireo artifact list` lists them\n"
        )

        try tool.write("hello\n", to: "notes/a.txt")
        let imported = try tool.run("artifact", "import", "notes", "--type", "files")
        #expect(imported.output.hasSuffix(" is in the store as notes.\n"))
        #expect(try tool.run("artifact", "import", "notes", "--type", "files").status == 0)
        #expect(try tool.run("artifact", "cat", "notes", "a.txt").output == "hello\n")
        #expect(try tool.run("gc", "--keep-last", "1").status == 0)
        #expect(try tool.run("artifact", "cat", "notes", "a.txt").output == "hello\n")
        #expect(try tool.run("verify").status == 0)
    }

    @Test("Artifacts that differ in executable bits or empty directories alone are said to differ")
    func modes() throws {
        for (directory, mode) in [("plain", 0o644), ("program", 0o755)] {
            try tool.write("exit\n", to: directory + "/a.sh")
            try FileManager.default.setAttributes(
                [.posixPermissions: mode], ofItemAtPath: "\(tool.directory)/\(directory)/a.sh")
            #expect(try tool.run("artifact", "import", directory, "--type", "files").status == 0)
        }
        try tool.write("exit\n", to: "empty/a.sh")
        try FileManager.default.createDirectory(
            atPath: tool.directory + "/empty/none", withIntermediateDirectories: true)
        #expect(try tool.run("artifact", "import", "empty", "--type", "files").status == 0)
        func difference(_ old: String, _ new: String) throws -> String {
            let result = try tool.run("artifact", "diff", old, new)
            #expect(result.status == 1)
            return result.output
        }
        #expect(
            try difference("plain", "program")
                == "changed  a.sh  5 B -> 5 B, executable now\n0 files are the same.\n")
        #expect(
            try difference("program", "plain")
                == "changed  a.sh  5 B -> 5 B, executable no more\n0 files are the same.\n")
        #expect(
            try difference("plain", "empty") == "added    none/  empty\n1 file is the same.\n")
        #expect(
            try difference("empty", "plain") == "removed  none/  empty\n1 file is the same.\n")
    }

    @Test("One of several instances must be named")
    func instances() throws {
        try tool.write(
            """
            name: many
            stages:
              draw:
                uses: command
                matrix: { rep: [0, 1] }
                with: { run: [sh, -c, "echo ${matrix.rep} > ${out.made}/n"], outputs: [made] }
            """, to: "many.yaml")
        #expect(try tool.run("run", "many.yaml").status == 0)
        for arguments in [["get", "draw", "out"], ["cat", "draw.made", "n"]] {
            #expect(
                try tool.run(["artifact"] + arguments).errors
                    == "vireo: error: the stage 'draw' has 2 instances: choose one, such as "
                    + "'draw[rep=0]'\n"
            )
        }
        #expect(try tool.run("artifact", "cat", "draw[rep=1]", "n").output == "1\n")
        #expect(try tool.run("artifact", "cat", "draw[rep=1].made", "n").output == "1\n")
    }

    @Test(
        "A store whose creation was interrupted is reported as empty, and the next run creates it")
    func unfinishedStore() throws {
        try tool.write("", to: "cut/vireo.db")
        for command in ["verify", "status"] {
            let result = try tool.run(command, "--store", "cut")
            #expect(
                result.errors
                    == """
                    vireo: error: the store at \(tool.directory)/cut is empty, because the process that created it was killed; run a pipeline with it, or remove it

                    """, "\(result.errors)")
            #expect(result.status == 1)
        }
        #expect(try tool.run("run", "tiny.yaml", "--store", "cut").status == 0)
        #expect(try tool.run("verify", "--store", "cut").status == 0)
    }

    @Test("Collection counts the bytes of what killed processes were writing")
    func temporaries() throws {
        let name = ".vireo/objects/.new-of-an-older-program"
        let left = tool.directory + "/" + name
        try tool.write(String(repeating: "x", count: 5000), to: name)
        let old = Date(timeIntervalSinceNow: -100_000)
        try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: left)
        let result = try tool.run("gc", "--json")
        let part = #""temporary files":\s*\{\s*"bytes": 5000,\s*"number": 1"#
        #expect(
            result.output.range(of: part, options: .regularExpression) != nil, "\(result.output)")
        #expect(!FileManager.default.fileExists(atPath: left))
    }

    @Test("A reviewer imports a run and finds everything cached")
    func exchange() throws {
        let export = try tool.run("export", "1", "-o", "run.tar.zst")
        #expect(export.output.hasPrefix("Run 1: 2 executions, 7 artifacts of "))
        let first = try tool.run("import", "run.tar.zst", "--store", "other")
        #expect(
            first.output.hasPrefix("Run 1: 2 executions imported, 0 already present; 7 artifacts"))
        let second = try tool.run("import", "run.tar.zst", "--store", "other")
        #expect(second.output == "The store already has this run: it is run 1.\n")
        #expect(try tool.run("verify", "--store", "other").status == 0)
        let run = try tool.run("run", "tiny.yaml", "--store", "other")
        #expect(run.output.contains("Everything was cached: 2 stages"))
        let own = try tool.run("run", "tiny.yaml", "--store", "other", "--no-imported")
        #expect(
            own.errors.contains("count: started (its result was imported from run.tar.zst on 20"),
            "\(own.errors)")
        #expect(try tool.run("report", "1", "--store", "other").status == 0)
        #expect(
            try tool.run("show", "count", "--store", "other").output.contains("lines"))
        #expect(try tool.run("import", "tiny.yaml", "--store", "other").status == 1)
    }

    @Test("Garbage collection removes unpacked directories, and a dry run lists them")
    func collection() throws {
        let dry = try tool.run("gc", "--dry-run")
        #expect(dry.output.contains("unpacked directories"))
        #expect(dry.output.contains("This would free "))
        let result = try tool.run("gc")
        #expect(result.output.contains("unpacked directories"))
        #expect(try tool.run("gc").output == "Nothing was removed.\n")
        #expect(try tool.run("run", "tiny.yaml").output.contains("Everything was cached"))
        #expect(try tool.run("gc", "--older-than", "soon").status == 64)
        let none = try tool.run("gc", "--keep-last", "0")
        #expect(none.status == 64 && none.errors.contains("--keep-last must be 1 or more"))
    }

    @Test("Runs are listed before they are removed, and the latest one is kept")
    func forgetting() throws {
        _ = try tool.run("run", "tiny.yaml", "--force", "count")
        #expect(try tool.run("runs", "--format", "csv").output.contains("\n2,tiny,"))
        try tool.write(
            String(contentsOfFile: tool.directory + "/tiny.yaml", encoding: .utf8) + "\n",
            to: "same.yaml")
        _ = try tool.run("run", "same.yaml")
        #expect(try tool.run("run", "tiny.yaml").output.contains("Everything was cached"))
        let dry = try tool.run("gc", "--keep-last", "1", "--dry-run").output
        #expect(dry.contains("would remove run 1 of tiny, started 20"))
        #expect(dry.contains("would remove run 3 of tiny, started 20"))
        let result = try tool.run("gc", "--keep-last", "1").output
        #expect(result.hasPrefix("removes run 1 of tiny, started 20"))
        #expect(try cell("SELECT group_concat(id) FROM run") == "2")
    }
}
