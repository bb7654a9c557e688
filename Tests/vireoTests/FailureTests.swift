import Foundation
import GRDB
import LanguageModel
import Migrations
import Testing

/// Bad input and bad luck, from end to end.
@Suite("Failures", .timeLimit(.minutes(10)))
struct FailureTests {
    private let tool: Tool

    init() throws { tool = try Tool() }

    private static let small = """
        hidden_size: 16, layers: 1, heads: 2, key_value_heads: 2, head_size: 8, intermediate_size: 16
        """

    private static let chain = """
        name: chain
        stages:
          questions:
            uses: ingest.countdown
            with: { train: 4, demonstrations: 4, test: 8 }
          base:
            uses: train.pretrain
            with: { steps: 2, \(small) }
          accuracy:
            uses: evaluate
            in: { model: base, questions: questions.test }
            with: { samples: 2, label: base }
        """

    private func cell(_ query: String) throws -> String {
        let output = try tool.run("sql", query, "--format", "csv").output
        return output.split(separator: "\n").dropFirst().joined(separator: "\n")
    }

    // What is typed.

    @Test("An unknown key of a stage is an error with its place, before anything is made")
    func unknownKey() throws {
        try tool.write(
            "name: a\nstages:\n  q:\n    uses: ingest.countdown\n    wth: { train: 3 }\n",
            to: "a.yaml")
        let result = try tool.run("run", "a.yaml")
        #expect(
            result.errors == """
                a.yaml:5:5: error: a stage has no key `wth`
                      wth: { train: 3 }
                      ^
                  did you mean `with`?

                """)
        #expect(result.output == "")
        #expect(result.status == 1)
        #expect(!FileManager.default.fileExists(atPath: tool.directory + "/.vireo"))
    }

    @Test("A pipeline file that is not there ends a run with 1")
    func missingPipeline() throws {
        let result = try tool.run("run", "none.yaml")
        #expect(result.errors == "vireo: error: cannot read none.yaml: there is no such file\n")
        #expect(result.output == "")
        #expect(result.status == 1)
    }

    @Test(
        "A command line that makes no sense ends with 64",
        arguments: [
            (["run", "a.yaml", "--nope"], "Unknown option '--nope'"),
            (["sql"], "Missing expected argument '<query>'"),
            (
                ["sql", "SELECT 1", "--format", "xml"],
                "The value 'xml' is invalid for '--format <format>'"
            ),
            (["doctor", "b.yaml"], "Unexpected argument 'b.yaml'"),
            (["model", "logprobs"], "Missing expected argument '<directory>'"),
        ])
    func usage(arguments: [String], message: String) throws {
        let result = try tool.run(arguments)
        #expect(result.errors.hasPrefix("vireo: error: \(message)"))
        #expect(result.output == "")
        #expect(result.status == 64)
    }

    // What is read.

    @Test("A line that is not JSON fails its stage with file and line, and the run with 2")
    func malformedQuestions() throws {
        try tool.write(
            "{\"text\":\"1 2 : 3\",\"answer\":\"1 + 2\"}\n{\"text\":\n", to: "q.jsonl")
        try tool.write(
            "name: j\nstages:\n  q: { uses: ingest.jsonl, with: { files: [q.jsonl], task: countdown } }\n",
            to: "j.yaml")
        let result = try tool.run("run", "j.yaml")
        #expect(
            result.errors.contains(
                "q: failed: \(tool.directory)/q.jsonl:2: the line is not valid JSON: column 9: in the field 'text' a value expected, the line ends (log: \(tool.directory)/.vireo/work/"
            ))
        #expect(result.output.hasPrefix("1 stage: 1 failed, "))
        #expect(result.status == 2)
        #expect(
            try cell("SELECT error FROM execution")
                == "\"\(tool.directory)/q.jsonl:2: the line is not valid JSON: column 9: in the field 'text' a value expected, the line ends\""
        )

        try tool.write("{\"text\":\"1 2 : 3\",\"answer\":\"1 + 2\"}\n", to: "q.jsonl")
        #expect(try tool.run("run", "j.yaml").status == 0)
    }

    @Test("A command cannot change what it reads, and no other stage reads what it tried to write")
    func changedInput() throws {
        try tool.write(
            """
            name: inplace
            stages:
              a: { uses: command, with: { run: [sh, -c, "echo 111 > ${out.o}/f"], outputs: [o] } }
              b:
                uses: command
                in: { a: a }
                with: { run: [sh, -c, "(echo 222 > ${in.a}/f) 2> /dev/null; cat ${in.a}/f > ${out.o}/f"], outputs: [o] }
              c:
                uses: command
                in: { a: a }
                with: { run: [sh, -c, "cat ${in.a}/f > ${out.o}/f"], outputs: [o] }
            """, to: "inplace.yaml")
        _ = try tool.run("run", "inplace.yaml", "--keep-going")
        #expect(try tool.run("artifact", "cat", "a", "f").output == "111\n")
        // Where the system does not hold root back, they fail; they never hold what was not published.
        for stage in ["b", "c"] {
            #expect(try tool.run("artifact", "cat", stage, "f").output != "222\n")
        }
        _ = try tool.run("run", "inplace.yaml", "--only", "c")
        #expect(try tool.run("artifact", "cat", "c", "f").output == "111\n")
        #expect(try tool.run("verify").status == 0)
    }

    @Test("A stage whose file changed before it began is not tried again: it would fail again")
    func changedBeforeStart() throws {
        try tool.write("one", to: "named.txt")
        try tool.write(
            """
            name: late
            stages:
              a: { uses: command, with: { run: [sh, -c, "echo two > named.txt; date > ${out.o}/f"], outputs: [o] } }
              b:
                uses: command
                in: { a: a }
                retry: 3
                with: { run: [sh, -c, "cat ${in.a}/f named.txt > ${out.o}/f"], outputs: [o], files: [named.txt] }
            """, to: "late.yaml")
        let result = try tool.run("run", "late.yaml")
        #expect(result.status == 2)
        #expect(
            result.errors.contains(
                "b: failed: `named.txt` changed between the start of the run and the start of "
                    + "the stage: run again (log: "
            ),
            "\(result.errors)")
        #expect(!result.errors.contains("retry"))
        #expect(try tool.run("run", "late.yaml").status == 0)
    }

    @Test(
        "A mount on an output fails the stage, because other processes do not see its files",
        .enabled(if: canMount, "mounting a file system needs root and unshare"))
    func mountedOutput() throws {
        try tool.write(
            """
            name: mounts
            params: { left: "true" }
            stages:
              a: { uses: command, with: { run: [sh, -c, "mount -t tmpfs none $1; echo 1 > $1/f; ${params.left}", -, "${out.o}"], outputs: [o] } }
            """, to: "mounts.yaml")
        let result = try tool.run("run", "mounts.yaml")
        #expect(result.status == 2)
        #expect(
            result.errors.contains(
                "/o, whose files would not be published: unmount it before the stage ends (log: "),
            "\(result.errors)")
        let mended = try tool.run(
            "run", "mounts.yaml", "--set", "left=umount \"$1\"; echo 1 > \"$1/f\"")
        #expect(mended.status == 0, "\(mended.errors)")
    }

    @Test("The error for a truncated model file names the missing part", arguments: [4, 100, -1])
    func truncatedModel(length: Int) throws {
        let directory = tool.directory + "/model"
        try TinyModel(words: ["a", "b"]).write(to: directory)
        let path = URL(fileURLWithPath: directory + "/model.safetensors")
        let whole = try Data(contentsOf: path)
        try whole.prefix(length < 0 ? whole.count + length : length).write(to: path)

        let result = try tool.run("model", "logprobs", "model", input: "{\"ids\":[0,1]}\n")
        #expect(
            result.errors.hasPrefix("vireo: error: model/model.safetensors: the file is truncated"))
        #expect(result.errors.split(separator: "\n").count == 1)
        #expect(result.output == "")
        #expect(result.status == 1)
    }

    // The store.

    @Test("A damaged archive is named with the remedy, and the remedy costs one stage")
    func damagedArchive() throws {
        try tool.write(Self.chain, to: "chain.yaml")
        #expect(try tool.run("run", "chain.yaml").status == 0)
        let models = "FROM execution_output WHERE type = 'model'"
        let digest = try cell("SELECT artifact \(models)")
        let object = "\(tool.directory)/.vireo/objects/\(digest.prefix(2))/\(digest).tar.zst"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: object))
        for place in stride(from: bytes.count / 2, to: bytes.count / 2 + 64, by: 1) {
            bytes[place] ^= 0xFF
        }
        try FileManager.default.removeItem(atPath: object)
        try bytes.write(to: URL(fileURLWithPath: object))
        try FileManager.default.removeItem(atPath: tool.directory + "/.vireo/cache")

        let damaged = try tool.run("run", "chain.yaml", "--force", "accuracy")
        #expect(damaged.status == 2)
        #expect(
            damaged.errors.contains(
                "accuracy: failed: artifact \(digest.prefix(12)) is damaged: "))
        #expect(
            damaged.errors.contains(
                "; delete \(object) and run again: the stage that made it will run again (log: "))
        #expect(damaged.errors.contains("questions: cached\nbase: cached\n"))

        try FileManager.default.removeItem(atPath: object)
        let mended = try tool.run("run", "chain.yaml", "--force", "accuracy")
        #expect(mended.status == 0)
        #expect(mended.errors.contains("questions: cached\n"))
        #expect(mended.errors.contains("base: started (its artifact model is missing)\n"))
        #expect(try cell("SELECT DISTINCT artifact \(models)") == digest)
        #expect(
            try cell(
                "SELECT count(DISTINCT artifact) FROM execution_output WHERE type = 'evaluation'")
                == "1")
    }

    @Test("A store that a newer program wrote is left alone", arguments: ["run", "status"])
    func newerStore(command: String) throws {
        try tool.write(Self.chain, to: "chain.yaml")
        let only = ["run", "chain.yaml", "--only", "questions"]
        #expect(try tool.run(only).status == 0)
        let database = try DatabaseQueue(path: tool.directory + "/.vireo/vireo.db")
        try database.write {
            try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('m9999_future')")
        }
        try database.close()
        let result = try tool.run(command == "run" ? only : [command])
        #expect(
            result.errors
                == "vireo: error: the store at \(tool.directory)/.vireo has schema m9999_future, but this"
                + " program knows only \(Migrations.all.last!.name); use the newer version of "
                + "vireo that wrote it\n"
        )
        #expect(result.output == "")
        #expect(result.status == 1)
    }

    @Test("A store cannot be made below a file")
    func storeBelowFile() throws {
        try tool.write(Self.chain, to: "chain.yaml")
        let result = try tool.run("run", "chain.yaml", "--store", "chain.yaml/store")
        #expect(
            result.errors
                == "vireo: error: cannot read \(tool.directory)/chain.yaml/store: Not a directory\n"
        )
        #expect(result.status == 1)
    }

    @Test(
        "A store in a directory that may not be written says so",
        .enabled(if: geteuid() != 0, "permissions do not bind root"))
    func readOnlyDirectory() throws {
        try tool.write(Self.chain, to: "chain.yaml")
        let locked = tool.directory + "/locked"
        try FileManager.default.createDirectory(
            atPath: locked, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o555])
        let result = try tool.run("run", "chain.yaml", "--store", "locked/store")
        #expect(
            result.errors
                == "vireo: error: cannot create the directory \(locked)/store: Permission "
                + "denied; grant write permission, or choose a store elsewhere with --store\n"
        )
        #expect(result.status == 1)
    }

    @Test("A worker that cannot say how a job ended does not wait for the next one")
    func speechless() throws {
        let errors = try tool.shell(
            """
            mkfifo jobs
            exec 3<> jobs
            echo "no job" >&3
            timeout -s KILL 60 "$0" worker < jobs > /dev/full
            echo "ended with $?" >&2
            """)
        #expect(errors == "ended with 1\n")
    }

    /// Whether a file system can be mounted where nobody else sees it.
    private static let canMount: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "unshare -m mount -t tmpfs none /mnt"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test(
        "A full disk ends a run with the remedy, and finished work is kept",
        .enabled(if: canMount, "mounting a small file system needs root and unshare"))
    func fullDisk() throws {
        try tool.write(
            """
            name: full
            stages:
              questions: { uses: ingest.countdown, with: { train: 4, demonstrations: 4, test: 8 } }
              large:
                uses: command
                needs: [questions]
                with: { run: [sh, -c, "head -c 3000000 /dev/urandom > ${out.made}/file"], outputs: [made] }
            """, to: "full.yaml")
        let errors = try tool.shell(
            """
            mkdir disk
            unshare -m sh -c '
                mount -t tmpfs -o size=2m none disk
                "$0" run full.yaml --store disk/store >&2
                echo "ended with $?" >&2
                dd if=/dev/zero of=disk/fill bs=1k 2> /dev/null
                "$0" status --store disk/store >&2
                echo "ended with $?" >&2
                mount -o remount,size=64m disk
                "$0" run full.yaml --store disk/store >&2
                echo "ended with $?" >&2' "$0"
            """)
        let runs = errors.components(separatedBy: "ended with ")
        try #require(runs.count == 4, "\(errors)")
        #expect(runs[0].contains("questions: finished in "))
        #expect(
            runs[0].contains(
                "No space left on device; free some space and run again: finished work is kept"))
        #expect(runs[1].hasPrefix("1\nRun 1 of full: "), "\(runs[1])")
        #expect(runs[2].hasPrefix("0\n"))
        #expect(runs[2].contains("questions: cached\n"))
        #expect(runs[2].contains("large: finished in "))
        #expect(runs[3] == "0\n")
    }
}
