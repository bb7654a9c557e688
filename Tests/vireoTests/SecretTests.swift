import Files
import Foundation
import Pipeline
import Store
import Testing

@Suite("Secrets", .timeLimit(.minutes(10)))
struct SecretTests {
    private let tool: Tool
    private let secret = "s3cr3t-\(UUID().uuidString)"

    init() throws { tool = try Tool() }

    private func pipeline(_ script: String) -> String {
        """
        name: secrets
        stages:
          call:
            uses: command
            with:
              run:
                - sh
                - -c
                - |
                  \(script)
                - "-"
                - ${out.made}
              outputs: [made]
              environment: [ADDRESS]
              secrets: [TOKEN]
        """
    }

    /// Runs the program with the secret in its environment, and in an address that a stage declares.
    private func run(_ arguments: String) throws -> Tool.Result {
        try tool.run(
            [
                "-c",
                "TOKEN='\(secret)' ADDRESS='http://host/?t=\(secret)' exec \"$0\" \(arguments)",
                Tool.path,
            ], of: "/bin/sh")
    }

    /// The files that hold the secret: those of the store as they are, and of its artifacts unpacked.
    private func leaks() throws -> [String] {
        let directory = tool.directory + "/.vireo"
        let store = try Store.open(directory: directory, mode: .readOnly)
        let artifacts = try Console(store.layout).run("SELECT digest FROM artifact").rows
        for case .text(let hex)? in artifacts.map(\.first) {
            _ = try store.unpacked(try #require(Digest(hex: hex)))
        }
        let value = Data(secret.utf8)
        return try FileManager.default.subpathsOfDirectory(atPath: directory).filter { path in
            var isDirectory: ObjCBool = false
            let file = directory + "/" + path
            guard FileManager.default.fileExists(atPath: file, isDirectory: &isDirectory),
                !isDirectory.boolValue
            else { return false }
            return try Data(contentsOf: URL(fileURLWithPath: file)).range(of: value) != nil
        }
    }

    @Test("A value that a command writes to its streams is nowhere in the store")
    func streams() throws {
        try tool.write(
            pipeline(#"echo "out $TOKEN"; echo "err $TOKEN" >&2; echo fine > "$1/file""#),
            to: "secrets.yaml")
        let result = try run("run secrets.yaml")
        #expect(result.status == 0, "\(result.errors)")
        #expect(try tool.run("log", "call").output == "out ***\nerr ***\n")
        #expect(try leaks() == [])
        #expect(!(result.output + result.errors).contains(secret))
        let machine = try tool.run(
            "sql", "SELECT machine ->> '$.environment' AS e FROM run", "--format", "csv")
        // The digest of a value, as in keys: no value of a variable is kept.
        #expect(
            machine.output.wholeMatch(of: #/e\n"\{""ADDRESS"":""[0-9a-f]{64}""\}"\n/#) != nil,
            "\(machine.output)")
        for arguments in [["show", "call"], ["status", "--json"], ["show", "call", "--json"]] {
            #expect(!(try tool.run(arguments).output.contains(secret)))
        }
        #expect(try run("plan secrets.yaml").output == "call  cached\n")
        #expect(
            try tool.run("plan", "secrets.yaml").output
                == "call  runs because environment.ADDRESS changed\n")
    }

    @Test("The error of a command that fails with the value has it not")
    func failure() throws {
        try tool.write(pipeline(#"echo "bad token $TOKEN" >&2; exit 3"#), to: "secrets.yaml")
        let result = try run("run secrets.yaml")
        #expect(result.status == 2)
        #expect(result.errors.contains("bad token ***"))
        #expect(!result.errors.contains(secret))
        #expect(try leaks() == [])
    }

    @Test("A value in an output fails the stage, and the file is gone")
    func output() throws {
        try tool.write(pipeline(#"env > "$1/environment"; exit 0"#), to: "secrets.yaml")
        let result = try run("run secrets.yaml")
        #expect(result.status == 2)
        #expect(
            result.errors.contains(
                """
                call: failed: the output `made` contained the value of the secret TOKEN in environment, which was \
                removed: do not write it to outputs
                """))
        #expect(try leaks() == [])
    }

    @Test(
        "The output of a killed attempt is removed, whether the worker or the whole run was killed",
        arguments: ["worker", "all"])
    func killed(victim: String) throws {
        let end = victim == "worker" ? "kill -9 $PPID" : "kill -9 $(cat run.pid) $PPID"
        try tool.write(
            pipeline(
                "echo $TOKEN > $1/file; echo $TOKEN > $1/../beside; echo $TOKEN > $1/../../above; \(end); sleep 1"
            ),
            to: "secrets.yaml")
        _ = try tool.run(
            [
                "-c", "echo $$ > run.pid; TOKEN='\(secret)' exec \"$0\" run secrets.yaml",
                Tool.path,
            ],
            of: "/bin/sh")
        if victim == "all" {
            try tool.write("name: b\nstages:\n  q: { uses: ingest.countdown }\n", to: "other.yaml")
            #expect(try tool.run("run", "other.yaml").status == 0)
        }
        #expect(try leaks() == [])
    }

    @Test("A secret that is not set stops a run before it starts, but not if its stage is cached")
    func missing() throws {
        try tool.write(pipeline("touch $1/x"), to: "secrets.yaml")
        func message(_ severity: String) -> String {
            """
            secrets.yaml:3:3: \(severity): the secret TOKEN is not set
                call:
                ^
              set the variable before `vireo run`
            secrets.yaml:3:3: warning: the environment variable ADDRESS is not set
                call:
                ^
              set it, or remove it from `environment`

            """
        }
        let plan = try tool.run("plan", "secrets.yaml")
        #expect(plan.status == 0 && plan.errors == message("warning"))
        let result = try tool.run("run", "secrets.yaml")
        #expect(result.status == 1 && result.errors == message("error"))
        #expect(try run("run secrets.yaml").status == 0)
        let cached = try tool.run(
            [
                "-c", "ADDRESS='http://host/?t=\(secret)' exec \"$0\" run secrets.yaml", Tool.path,
            ], of: "/bin/sh")
        #expect(cached.status == 0 && !cached.errors.contains("TOKEN"))
    }

    @Test(
        "Longer values are masked before values that they contain, and each line of a value is masked"
    )
    func mask() {
        let mask = SecretMask(["abc", "abcdef", "first\nsecond", ""])
        #expect(mask.masked("abcdef abc ab") == "*** *** ab")
        #expect(mask.masked("first, then second") == "***, then ***")
    }
}
