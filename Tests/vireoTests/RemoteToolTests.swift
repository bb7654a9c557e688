import Files
import Foundation
import Testing

/// The commands of shared caches, from end to end.
@Suite("Sharing results", .timeLimit(.minutes(10)))
struct RemoteToolTests {
    private let tool: Tool

    init() throws {
        tool = try Tool()
        try tool.write(
            """
            name: tiny
            stages:
              first:
                uses: command
                with: { run: [sh, -c, "echo one > ${out.data}/x"], outputs: [data] }
              second:
                uses: command
                in: { data: first.data }
                with: { run: [sh, -c, "cp ${in.data}/x ${out.copy}/y"], outputs: [copy] }

            """, to: "tiny.yaml")
        try FileManager.default.createDirectory(
            atPath: tool.directory + "/shared", withIntermediateDirectories: false)
    }

    @Test("Remotes are named, listed and forgotten, for all stores of a user")
    func names() throws {
        #expect(try tool.run("remote", "list").output == "")
        let added = try tool.run("remote", "add", "team", "shared")
        #expect(added.output == "The remote team is \(tool.directory)/shared.\n")
        let bucket = try tool.run("remote", "add", "s3", "s3:bucket/vireo", "--push")
        #expect(bucket.output == "The remote s3 is s3:bucket/vireo.\n")
        #expect(
            try tool.run("remote", "list").output == """
                s3    s3:bucket/vireo (runs push to it)
                team  \(tool.directory)/shared

                """)
        #expect(
            try tool.read(".config/vireo/remotes.json") == """
                {
                  "remotes": [
                    {
                      "name": "s3",
                      "push": true,
                      "url": "s3:bucket/vireo"
                    },
                    {
                      "name": "team",
                      "push": false,
                      "url": "\(tool.directory)/shared"
                    }
                  ]
                }

                """)
        let removed = try tool.run("remote", "remove", "s3")
        #expect(removed.output == "The remote s3 is forgotten; its files stay.\n")
        #expect(try tool.run("remote", "list").output == "team  \(tool.directory)/shared\n")
    }

    @Test(
        "Mistakes name the remedy",
        arguments: [
            (["push"], "there is no remote: name one with `vireo remote add NAME URL`"),
            (
                ["run", "tiny.yaml", "--remote", "x"],
                "there is no remote 'x': name one with `vireo remote add NAME URL`"
            ),
            (
                ["remote", "add", "a b", "shared"],
                "'a b' is not a name of a remote: use at most 40 letters, digits, `-`, `_` and `.`, such"
                    + " as team"
            ),
            (
                ["remote", "add", "s3", "s3://bucket"],
                "'s3://bucket' is neither a directory nor an rclone remote with a path, such as"
                    + " /shared/vireo or s3:bucket/vireo"
            ),
            (
                ["remote", "remove", "x"],
                "there is no remote 'x': name one with `vireo remote add NAME URL`"
            ),
        ])
    func mistakes(arguments: [String], message: String) throws {
        let result = try tool.run(arguments)
        #expect(result.errors == "vireo: error: \(message)\n")
        #expect(result.status == 1)
    }

    @Test("Names are taken once, and have to be chosen among several; --push needs a remote")
    func choices() throws {
        for name in ["a", "b"] { _ = try tool.run("remote", "add", name, "shared") }
        #expect(
            try tool.run("remote", "add", "a", "other").errors
                == "vireo: error: there is a remote a already, \(tool.directory)/shared: remove it first,"
                + " or choose another name\n")
        #expect(
            try tool.run("pull", "tiny.yaml").errors
                == "vireo: error: there are several remotes: choose one of a, b with --remote\n")
        #expect(
            try tool.run("plan", "tiny.yaml", "--remote", "c").errors
                == "vireo: error: there is no remote 'c': the remotes are a, b\n")
        let push = try tool.run("run", "tiny.yaml", "--push")
        #expect(push.status == 64 && push.errors.hasPrefix("vireo: error: --push needs --remote"))
        try tool.write("[]", to: ".config/vireo/remotes.json")
        #expect(
            try tool.run("remote", "list").errors
                == "vireo: error: cannot read the remotes in \(tool.directory)/.config/vireo/remotes.json:"
                + " it is not a list of remotes: correct or remove the file\n")
    }

    @Test("A run pushes its results, and other stores fetch them instead of computing them")
    func roundTrip() throws {
        _ = try tool.run("remote", "add", "team", "shared")
        let first = try tool.run("run", "tiny.yaml", "--remote", "team", "--push")
        #expect(first.status == 0)
        #expect(
            first.errors.contains(
                /vireo: 2 results pushed to team \([0-9.]+ k?B\), 0 already there, 0 not pushed\n/),
            "\(first.errors)")
        #expect(
            try tool.run("plan", "tiny.yaml", "--store", "other", "--remote", "team").output
                == "first   cached in the remote team\nsecond  cached in the remote team\n")
        #expect(
            try tool.run("plan", "tiny.yaml", "--store", "other", "--remote", "team", "--json")
                .output.contains("\"remote\": \"team\""))
        let second = try tool.run("run", "tiny.yaml", "--store", "other", "--remote", "team")
        #expect(second.status == 0)
        #expect(
            second.errors
                == "first: fetched from the remote team\nsecond: fetched from the remote team\n")
        #expect(second.output.contains("2 cached results were imported"))
        let show = try tool.run("show", "second", "--store", "other")
        #expect(show.output.contains("  from      imported from remote team on 20"))
        let log = try tool.run("log", "second", "--store", "other")
        #expect(
            log.errors.hasPrefix(
                "vireo: error: the stage 'second' has no log, because its result was imported from remote team on 20"
            ))
        #expect(log.status == 1)
        #expect(try tool.run("verify", "--store", "other").status == 0)
        let plan = try tool.run("plan", "tiny.yaml", "--store", "other")
        #expect(plan.output.contains("first   cached, imported from remote team on 20"))
        let own = try tool.run(
            "run", "tiny.yaml", "--store", "other", "--remote", "team", "--no-imported")
        #expect(own.errors.contains("second: started ("))
        #expect(
            try tool.run("push", "--store", "other").output
                == "Run 2: 0 results pushed to team (0 B), 2 already there, 0 not pushed.\n")
    }

    @Test("Some runs are pushed, or all that the store has finished, each result once")
    func runs() throws {
        func write(_ word: String) throws {
            try tool.write(
                """
                name: words
                stages:
                  one: { uses: command, with: { run: [touch, "${out.made}/one"], outputs: [made] } }
                  two: { uses: command, with: { run: [touch, "${out.made}/\(word)"], outputs: [made] } }
                """, to: "words.yaml")
        }
        _ = try tool.run("remote", "add", "team", "shared")
        for word in ["a", "b", "c"] {
            try write(word)
            #expect(try tool.run("run", "words.yaml").status == 0)
        }
        func push(_ arguments: String...) throws -> String {
            let result = try tool.run(["push"] + arguments)
            #expect(result.status == 0, "\(result.errors)")
            return result.output.replacing(/\([0-9.]+ k?B\)/, with: "(SIZE)")
        }
        #expect(
            try push("--run", "1", "--run", "2")
                == "Runs 1, 2: 3 results pushed to team (SIZE), 0 already there, 0 not pushed.\n")
        #expect(
            try push("--run", "1")
                == "Run 1: 0 results pushed to team (SIZE), 2 already there, 0 not pushed.\n")
        #expect(
            try push("--all")
                == "All runs: 1 result pushed to team (SIZE), 3 already there, 0 not pushed.\n")
        #expect(
            try push() == "Run 3: 0 results pushed to team (SIZE), 2 already there, 0 not pushed.\n"
        )
        let unknown = try tool.run("push", "--run", "3", "--run", "9")
        #expect(
            unknown.errors == "vireo: error: there is no run 9: `vireo runs` lists them\n")
        #expect(unknown.status == 1)
    }

    @Test("A push takes runs or all, and no other arguments")
    func pushUsage() throws {
        let both = try tool.run("push", "--all", "--run", "1")
        #expect(both.errors.hasPrefix("vireo: error: --all and --run exclude each other\n"))
        #expect(both.status == 64)
        let bare = try tool.run("push", "1")
        #expect(bare.errors.hasPrefix("vireo: error: Unexpected argument '1'\n"))
        #expect(bare.status == 64)
        let word = try tool.run("push", "--run", "last")
        #expect(
            word.errors.hasPrefix(
                "vireo: error: The value 'last' is invalid for '--run <run>'\n"))
        #expect(word.status == 64)
    }

    @Test("A pull fetches the results of a pipeline, and says what is missing")
    func pull() throws {
        _ = try tool.run("remote", "add", "team", "shared")
        let before = try tool.run("pull", "tiny.yaml")
        #expect(
            before.output
                == "0 results fetched from team (0 B), 0 already here, 1 in neither: first; not looked"
                + " up, because they depend on these: second.\n")
        _ = try tool.run("run", "tiny.yaml", "first", "--remote", "team", "--push")
        let pull = try tool.run("pull", "tiny.yaml", "--store", "other")
        #expect(
            pull.output.contains(
                /^1 result fetched from team \([0-9]+ B\), 0 already here, 1 in neither: second\.\n$/
            ),
            "\(pull.output)")
        #expect(pull.status == 0)
        #expect(
            try tool.run("pull", "tiny.yaml", "first", "--store", "other").output
                == "0 results fetched from team (0 B), 1 already here.\n")
        try FileManager.default.removeItem(atPath: tool.directory + "/shared")
        let gone = try tool.run("pull", "tiny.yaml", "--store", "third")
        #expect(gone.status == 1)
        #expect(
            gone.errors
                == "vireo: warning: the remote team cannot be used and is not asked again: there is no"
                + " directory \(tool.directory)/shared: create or mount it\n")
    }

    @Test("A push that is killed leaves no object that is not whole, and the next one completes it")
    func killedPush() async throws {
        try tool.write(
            """
            name: large
            stages:
              bytes:
                uses: command
                with:
                  run: [sh, -c, "head -c 60000000 /dev/urandom > ${out.data}/x"]
                  outputs: [data]

            """, to: "large.yaml")
        _ = try tool.run("remote", "add", "team", "shared")
        #expect(try tool.run("run", "large.yaml").status == 0)
        let objects = tool.directory + "/shared/objects"
        func names() -> [String] {
            (try? FileManager.default.contentsOfDirectory(atPath: objects)) ?? []
        }
        _ = try await tool.run(["push"], sending: SIGKILL) {
            let names = try? FileManager.default.contentsOfDirectory(atPath: objects)
            return names?.contains { $0.hasPrefix(".tmp-") } ?? false
        }
        for name in names() where name.hasSuffix(".tar.zst") {
            #expect(try Digest(ofFile: objects + "/" + name).hex + ".tar.zst" == name)
        }
        let again = try tool.run("push")
        #expect(again.status == 0, "\(again.errors)")
        for name in names() where name.hasSuffix(".tar.zst") {
            #expect(try Digest(ofFile: objects + "/" + name).hex + ".tar.zst" == name)
        }
        let pull = try tool.run("pull", "large.yaml", "--store", "other")
        #expect(pull.output.hasPrefix("1 result fetched from team (60."), "\(pull.output)")
    }
}
