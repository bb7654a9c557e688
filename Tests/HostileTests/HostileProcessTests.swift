import Foundation
import FuzzSubjects
import Testing

@Suite("Hostile workers and arguments", .timeLimit(.minutes(10)))
struct HostileProcessTests {
    private let victim: Victim

    init() throws { victim = try Victim() }

    private static let messages = [
        Hostile("message: garbage", bytes: { (0...255).map { UInt8($0) } }),
        Hostile(
            "message: NaN", #"{"metric":{"name":"a","step":1,"value":NaN}}"#),
        Hostile(
            "message: nan in words",
            #"{"metric":{"name":"a","step":1,"value":"nan"}}"#),
        Hostile(
            "message: a negative step",
            #"{"metric":{"name":"a","step":-9,"value":1}}"#),
        Hostile(
            "message: a step beyond all",
            #"{"checkpoint":{"step":99999999999999999999}}"#),
        Hostile("message: half a line", #"{"log":{"text""#),
        Hostile("message: two in one", #"{"cancelled":{},"failed":"x"}"#),
        Hostile("message: unknown", #"{"exec":"rm"}"#),
        Hostile("message: 100,000 levels", "[" * 100_000),
        Hostile(
            "message: a log of 50 MB",
            #"{"log":{"text":""# + "x" * 50_000_000 + #""}}"#),
    ]

    @Test("A line that is not a message goes to the log", arguments: messages)
    private func readMessages(fixture: Hostile) throws {
        let file = try victim.write(fixture.bytes(), "messages")
        let result = try victim.examine(file, as: .message)
        expect(result, 0, fixture.name)
    }

    private static let jobs = [
        Hostile("job: empty", ""),
        Hostile("job: garbage", bytes: { (0...255).map { UInt8($0) } }),
        Hostile("job: a list", "[]"),
        Hostile("job: no kind", #"{"options":{}}"#),
        Hostile(
            "job: inputs of numbers",
            #"{"kind":"verify","options":{},"inputs":{"a":[1]},"outputs":{},"work":"w","directory":"/","threads":1}"#
        ),
        Hostile(
            "job: no threads",
            #"{"kind":"verify","options":{},"inputs":{},"outputs":{},"work":"w","directory":"/","threads":0}"#
        ),
        Hostile(
            "job: half a thread",
            #"{"kind":"verify","options":{},"inputs":{},"outputs":{},"work":"w","directory":"/","threads":0.5}"#
        ),
        Hostile("job: 100,000 levels", #"{"options":"# + "[" * 100_000),
    ]

    @Test("A file that is not a job is refused", arguments: jobs)
    private func readJobs(fixture: Hostile) throws {
        let file = try victim.write(fixture.bytes(), "job.json")
        let result = try victim.examine(file, as: .job)
        expect(result, 1, fixture.name)
    }

    @Test("A job of a gigabyte is refused by its size")
    func largeJob() throws {
        let file = try victim.write([], "job.json")
        #expect(truncate(file, 1 << 30) == 0)
        expect(try victim.examine(file, as: .job), 1, "job: large")
    }

    @Test("What a stage says cannot steer the terminal")
    func steering() throws {
        try victim.write(
            #"""
            name: p
            stages:
              q:
                uses: command
                with: { run: [sh, -c, 'printf "\033[2J\033]0;x\007bad\n" >&2; printf "\033[2Jbad\n"; exit 3'], outputs: [out] }

            """#.utf8, "p.yaml")
        let result = try victim.run("vireo", ["run", "p.yaml"])
        #expect(result.status == 2)
        #expect(!result.output.contains("\u{1B}"), "\(result.output)")
    }

    @Test("A command that writes a line of a gigabyte fails or ends, and takes no memory for it")
    func longLine() throws {
        try victim.write(
            #"""
            name: p
            stages:
              q:
                uses: command
                with: { run: [sh, -c, 'head -c 1000000000 /dev/zero; echo x > ${out.out}/x'], outputs: [out] }

            """#.utf8, "p.yaml")
        let result = try victim.run("vireo", ["run", "p.yaml"])
        #expect(result.status == 0, "\(result)")
    }

    private static let commands:
        [(name: String, setUp: String, arguments: [String], status: Int32)] = [
            ("a command of 100 KB", ":", ["x" * 100_000], 64),
            ("a command that is not UTF-8", #"set -- "$(printf 'a\377b')""#, [], 64),
            ("a file that is not UTF-8", #"set -- plan "$(printf 'a\377b.yaml')""#, [], 64),
            (
                "an escape sequence in a file's name", #"set -- plan "$(printf 'a\033[2Jb.yaml')""#,
                [], 1
            ),
            ("a file name of 100 KB", ":", ["plan", "x" * 100_000], 1),
            ("a setting of 100 KB", ":", ["plan", "p.yaml", "--set", "a=" + "[" * 100_000], 1),
            ("a setting of aliases", ":", ["plan", "p.yaml", "--set", "a=[&a [1], *a, *b]"], 1),
            ("jobs beyond all", ":", ["run", "p.yaml", "--jobs", "99999999999999999999"], 64),
            ("jobs below all", ":", ["run", "p.yaml", "--jobs=-9223372036854775808"], 64),
            ("a run beyond all", ":", ["log", "q", "--run", "99999999999999999999"], 64),
            ("a seed below zero", ":", ["model", "generate", ".", "--seed=-1"], 64),
            (
                "a temperature that is no number", ":",
                ["model", "generate", ".", "--temperature", "nan"], 64
            ),
            (
                "a temperature beyond all", ":",
                ["model", "generate", ".", "--temperature", "1e999"], 64
            ),
            ("a share above one", ":", ["model", "generate", ".", "--top-p", "1.5"], 64),
            ("k below zero", ":", ["model", "generate", ".", "--top-k=-1"], 64),
            ("no samples", ":", ["model", "generate", ".", "--n", "0"], 64),
            ("a billion samples", ":", ["model", "generate", ".", "--n", "1000000000"], 64),
            (
                "tokens beyond all", ":",
                ["model", "generate", ".", "--max-tokens", "9223372036854775808"], 64
            ),
            (
                "a stop token beyond all", ":",
                ["model", "generate", ".", "--stop-token", "4294967296"], 64
            ),
            ("no threads", ":", ["model", "logprobs", ".", "--threads", "0"], 64),
            (
                "a batch beyond memory", ":",
                ["bench", "train", "--config", "tiny", "--batch", "9223372036854775807"], 64
            ),
            (
                "a length beyond memory", ":",
                ["bench", "score", "--config", "tiny", "--length", "9223372036854775807"], 64
            ),
            (
                "a prompt beyond memory", ":",
                [
                    "bench", "generate", "--config", "tiny", "--prompt", "9223372036854775807",
                    "--new", "9223372036854775807",
                ], 64
            ),
            (
                "questions beyond all", ":",
                ["data", "countdown", "--test", "9223372036854775807"], 64
            ),
            ("questions below zero", ":", ["data", "countdown", "--test=-1"], 64),
        ]

    @Test("Arguments are refused in words", arguments: commands.indices)
    func arguments(index: Int) throws {
        let command = Self.commands[index]
        try victim.write(
            "name: p\nparams: { a: 1 }\nstages: { q: { uses: ingest.countdown } }\n".utf8, "p.yaml")
        let result = try victim.run("vireo", command.arguments, setUp: command.setUp)
        let first = result.output.components(separatedBy: "\nHelp:")[0].components(
            separatedBy: "\nUsage:")[0]
        expect(
            .init(status: result.status, output: first),
            command.status,
            "arguments: " + command.name)
    }
}

@Suite("Changed examples", .timeLimit(.minutes(10)))
struct FuzzTests {
    @Test("No changed example ends its reader", arguments: Subject.allCases)
    func smoke(subject: Subject) throws {
        let victim = try Victim()
        let result = try victim.run("Fuzz", ["loop", subject.rawValue, "1", "7"], limits: "true")
        #expect(result.output.hasSuffix(" inputs, 0 findings"), "\(result.output)")
        #expect(result.status == 0)
    }
}
