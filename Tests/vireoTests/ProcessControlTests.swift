import Execution
import Foundation
import GRDB
import Glibc
import Pipeline
import Processes
import Testing

/// What stages start, and how it ends: real programs, however far they run.
@Suite("Process control", .timeLimit(.minutes(10)))
struct ProcessControlTests {
    private let tool: Tool

    init() throws { tool = try Tool() }

    /// A pipe that whoever has it open for writing is known by.
    private func makePipe() throws -> String {
        let path = tool.directory + "/pipe"
        try #require(mkfifo(path, 0o600) == 0)
        return path
    }

    /// Returns once a process has the pipe open and has written a line to it.
    private func open(_ pipe: String) throws -> FileHandle {
        let alive = try #require(FileHandle(forReadingAtPath: pipe))
        #expect(try alive.read(upToCount: 5) == Data("here\n".utf8))
        return alive
    }

    /// A pipeline of one command, which a shell runs.
    private func write(_ script: String, settings: String = "", to name: String) throws {
        try tool.write(script, to: "script.sh")
        try tool.write(
            """
            name: control
            stages:
              command:
                uses: command
                with: { run: [sh, "\(tool.directory)/script.sh", "${out.made}"], outputs: [made] }
            \(settings)
            """, to: name)
    }

    private func cell(_ query: String) throws -> String {
        let output = try tool.run("sql", query, "--format", "csv").output
        return output.split(separator: "\n").dropFirst().joined(separator: "\n")
    }

    /// Starts a program that leaves every group and family, holds a pipe, and writes a line to it.
    private func daemon(_ pipe: String) -> String {
        "setsid sh -c '(exec > \(pipe); echo here; trap \"\" TERM HUP; sleep 1000; :) &' &"
    }

    @Test("A daemon that a stage leaves behind is awaited, named and killed, and fails the stage")
    func daemon() async throws {
        let pipe = try makePipe()
        try write(
            "\(daemon(pipe))\nread go < \(tool.directory)/go; echo made > $1/file\n", to: "a.yaml")
        try #require(mkfifo(tool.directory + "/go", 0o600) == 0)
        let child = try tool.start(["run", tool.directory + "/a.yaml"])
        let alive = try open(pipe)
        try #require(FileHandle(forWritingAtPath: tool.directory + "/go"))
            .write(contentsOf: Data("go\n".utf8))
        let ending = await Tool.follow(child)
        #expect(ending.status?.outcome == .exited(2), "\(ending.text)")
        #expect(
            ending.text.contains(
                "the command exited, but left processes running that wrote nothing for 10 s and were killed: "
            ),
            "\(ending.text)")
        #expect(ending.text.contains("(sleep 1000)"), "\(ending.text)")
        #expect(try alive.readToEnd() ?? Data() == Data())
    }

    @Test("A background process may finish its output, which is kept")
    func backgroundWriter() throws {
        try tool.write(
            """
            name: background
            stages:
              a:
                uses: command
                with:
                  run: [sh, -c, "(sleep 0.3; echo late; echo 'late too' >&2; seq 1000 > ${out.o}/late) & echo first > ${out.o}/first"]
                  outputs: [o]
            """, to: "a.yaml")
        let result = try tool.run("run", "a.yaml")
        #expect(result.status == 0, "\(result.errors)")
        #expect(try tool.run("artifact", "cat", "a", "late").output.hasSuffix("\n1000\n"))
        #expect(try tool.run("log", "a").output == "late\nlate too\n")
    }

    @Test(
        "A child without an environment in a session of its own ends with a worker that is killed",
        arguments: ["kill -9 $PPID", "sleep 1000"])
    func escaped(end: String) async throws {
        let pipe = try makePipe()
        let memory = end.hasPrefix("kill") ? "" : "    timeout: 1s\n"
        try write(
            "trap '' TERM; env -i /usr/bin/setsid /bin/sh -c 'exec > \(pipe); echo here; trap \"\" TERM; sleep 1000; :' & read go < \(tool.directory)/go; \(end)\n",
            settings: memory, to: "a.yaml")
        try #require(mkfifo(tool.directory + "/go", 0o600) == 0)
        let child = try tool.start(["run", tool.directory + "/a.yaml"])
        let alive = try open(pipe)
        try #require(FileHandle(forWritingAtPath: tool.directory + "/go"))
            .write(contentsOf: Data("go\n".utf8))
        #expect(await Tool.follow(child).status?.outcome == .exited(2))
        #expect(try alive.readToEnd() ?? Data() == Data())
    }

    @Test("A program can neither end its own job nor read the environment of the run's processes")
    func forgedEnd() throws {
        try tool.write(
            """
            name: forged
            stages:
              a:
                uses: command
                with:
                  run:
                    - sh
                    - -c
                    - >-
                      echo early > ${out.o}/f; echo '{"ended":[0,0.0,1]}' > /proc/$PPID/fd/1;
                      echo '{"ended":{"token":"","status":0,"cpuSeconds":0,"peakMemory":1}}' > /proc/$PPID/fd/1;
                      echo '{"cancelled":{}}' > /proc/$PPID/fd/1; sleep 0.2; echo late > ${out.o}/f; exit 3
                  outputs: [o]
            """, to: "a.yaml")
        let result = try tool.run("run", "a.yaml")
        #expect(result.status == 2, "\(result.errors)")
        #expect(result.errors.contains("a: failed: the command exited with status 3"))
    }

    @Test("When the worker crashes, its mark finds the daemon")
    func crash() async throws {
        let pipe = try makePipe()
        try write("\(daemon(pipe))\nread go < \(tool.directory)/go; kill -9 $PPID\n", to: "a.yaml")
        try #require(mkfifo(tool.directory + "/go", 0o600) == 0)
        let child = try tool.start(["run", tool.directory + "/a.yaml"])
        let alive = try open(pipe)
        try #require(FileHandle(forWritingAtPath: tool.directory + "/go"))
            .write(contentsOf: Data("go\n".utf8))
        let ending = await Tool.follow(child)
        #expect(ending.status?.outcome == .exited(2))
        #expect(ending.text.contains("the worker process was killed by signal 9"), "\(ending.text)")
        #expect(try alive.readToEnd() ?? Data() == Data())
    }

    @Test("However the coordinator ends, daemons end with it", arguments: [SIGKILL])
    func coordinator(signal: Int32) async throws {
        let pipe = try makePipe()
        try write("\(daemon(pipe))\nsleep 1000\n", to: "a.yaml")
        let child = try tool.start(["run", tool.directory + "/a.yaml"])
        let alive = try open(pipe)
        // The coordinator alone, not its group.
        kill(child.pid, signal)
        #expect(try alive.readToEnd() ?? Data() == Data())
        let ending = await Tool.follow(child)
        #expect(ending.status?.outcome == .killed(signal: signal))
    }

    @Test(
        "One signal stops a run within its grace, whichever it is",
        arguments: [
            SIGINT, SIGTERM, SIGHUP,
        ])
    func one(signal: Int32) async throws {
        let pipe = try makePipe()
        try write("\(daemon(pipe))\nsleep 1000\n", to: "a.yaml")
        let child = try tool.start(["run", tool.directory + "/a.yaml"])
        let alive = try open(pipe)
        kill(child.pid, signal)
        let ending = await Tool.follow(child)
        #expect(ending.status?.outcome == .exited(130), "\(ending.text)")
        #expect(ending.text.contains("command: stopped; the next run resumes it"))
        #expect(try alive.readToEnd() ?? Data() == Data())
        #expect(try cell("SELECT state FROM execution") == "cancelled")
    }

    @Test("A second signal ends a run at once, with programs that ignore the first")
    func two() async throws {
        let pipe = try makePipe()
        // The program gives the second one itself, once it feels the first: no clock decides.
        try write(
            """
            runner=$(cut -d' ' -f4 /proc/$PPID/stat)
            trap 'kill -INT $runner' TERM INT HUP
            \(daemon(pipe))
            while :; do sleep 1000; done

            """, to: "a.yaml")
        let child = try tool.start(["run", tool.directory + "/a.yaml"])
        let alive = try open(pipe)
        kill(child.pid, SIGINT)
        let ending = await Tool.follow(child)
        #expect(ending.text.contains("interrupt again"), "\(ending.text)")
        #expect(ending.status?.outcome == .exited(130))
        #expect(try alive.readToEnd() ?? Data() == Data())
        // Had the run waited for the program, it would have recorded its end.
        #expect(try cell("SELECT state FROM execution") == "running")
    }

    @Test("A worker that finds its directory locked kills the holder, which has lost its lease")
    func heldDirectory() async throws {
        let pipe = try makePipe()
        let work = tool.directory + "/work"
        for name in ["work", "one", "two"] {
            try FileManager.default.createDirectory(
                atPath: tool.directory + "/" + name, withIntermediateDirectories: true)
        }
        func job(_ name: String, _ script: String) throws -> String {
            let path = "\(tool.directory)/\(name).json"
            try Job(
                kind: "command",
                options: [
                    "run": .array([.string("sh"), .string("-c"), .string(script)]),
                    "outputs": .array([.string("made")]), "files": .array([]),
                    "environment": .array([]), "secrets": .array([]),
                ], inputs: [:], outputs: ["made": "\(tool.directory)/\(name)"], work: work,
                directory: tool.directory, threads: 1
            ).write(to: path)
            return path
        }
        let first = try tool.start(["worker", try job("one", "\(daemon(pipe))\nsleep 1000")])
        let alive = try open(pipe)
        let second = try tool.start(
            ["worker", try job("two", "echo made > \(tool.directory)/two/file")])
        #expect(await Tool.follow(second).status?.isSuccess == true)
        #expect(await Tool.follow(first).status?.outcome == .killed(signal: SIGKILL))
        #expect(try alive.readToEnd() ?? Data() == Data())
        withExtendedLifetime(first) {}
    }

    @Test(
        "A process that takes over from a suspended run kills its worker, and the suspended run publishes nothing"
    )
    func stoppedRunner() async throws {
        let pipe = try makePipe()
        try write(
            """
            if [ -e \(tool.directory)/second ]; then echo made > $1/file; exit; fi
            touch \(tool.directory)/second
            \(daemon(pipe))
            sleep 1000
            """, to: "a.yaml")
        let first = try tool.start(["run", tool.directory + "/a.yaml"])
        let alive = try open(pipe)
        kill(first.pid, SIGSTOP)
        let errors = try tool.shell(
            "sleep 1; VIREO_LEASE=0.5 \"$0\" run a.yaml >&2; echo \"ended with $?\" >&2")
        #expect(errors.hasSuffix("ended with 0\n"), "\(errors)")
        #expect(try alive.readToEnd() ?? Data() == Data())
        kill(first.pid, SIGCONT)
        #expect(await Tool.follow(first).status?.isSuccess == false)
        #expect(
            try cell("SELECT attempt, state FROM execution ORDER BY 1") == "1,failed\n2,done")
    }

    @Test("A stage that takes longer than its timeout ends with its daemons, and is tried again")
    func timeout() async throws {
        try write(
            """
            if [ -e \(tool.directory)/second ]; then echo made > $1/file; exit; fi
            touch \(tool.directory)/second
            setsid sleep 1000 &
            sleep 1000
            """, settings: "    timeout: 1s\n    retry: 1\n", to: "a.yaml")
        let result = try tool.run("run", "a.yaml")
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            result.errors.contains(
                "command: failed: the stage exceeded its timeout of 1s: raise `timeout`; "
                    + "retrying in "
            ), "\(result.errors)")
        #expect(
            try cell("SELECT attempt, state FROM execution ORDER BY 1") == "1,failed\n2,done")
    }

    @Test("Commands are served by one worker after another, a failure costs one of them")
    func serving() throws {
        let stages = (0..<20).map { number in
            "  s\(number): { uses: command, with: { run: [sh, -c, '\(number == 7 ? "echo bad >&2; exit 3" : "echo $PPID > ${out.made}/file; echo \(number)")'], outputs: [made] } }"
        }
        try tool.write(
            "name: many\nstages:\n" + stages.joined(separator: "\n") + "\n", to: "many.yaml")
        let result = try tool.run("run", "many.yaml", "--keep-going", "--jobs", "1")
        #expect(result.status == 2)
        #expect(
            result.errors.contains(
                "s7: failed: the command exited with status 3; its last line: bad"))
        #expect(try cell("SELECT count(*) FROM execution WHERE state = 'done'") == "19")
        // All wrote the number of the same worker, so their artifacts are one.
        #expect(try cell("SELECT count(*) FROM artifact") == "1")
        let log = try tool.run("log", "s5")
        #expect(log.output == "5\n")
    }

    @Test("A stage that needs more than its pool has is refused with a message")
    func pools() throws {
        try write("echo made > $1/file\n", settings: "    resources: { gpu: 2 }\n", to: "a.yaml")
        let none = try tool.run("run", "a.yaml")
        #expect(none.status == 1)
        #expect(
            none.errors
                == "vireo: error: the stage 'command' needs 2 of the pool `gpu`, which has no "
                + "units: set their number with --pool gpu=2\n"
        )
        #expect(try tool.run("run", "a.yaml", "--pool", "gpu=2").status == 0)
        let wrong = try tool.run("run", "a.yaml", "--pool", "gpu")
        #expect(wrong.status == 64)
        #expect(
            wrong.errors.hasPrefix(
                "vireo: error: --pool takes a name and a number such as gpu=2, not 'gpu'"))
    }

    @Test("A closed standard output is reported as an error and does not damage the store")
    func closedOutput() throws {
        try write("echo made > $1/file\n", to: "a.yaml")
        let errors = try tool.shell(
            """
            "$0" run a.yaml >&- ; echo "ended with $?" >&2
            "$0" run a.yaml >/dev/full; echo "ended with $?" >&2
            """)
        #expect(
            errors.contains(
                "vireo: error: cannot write to standard output: Bad file descriptor\nended with 1\n"
            ),
            "\(errors)")
        #expect(
            errors.contains(
                "vireo: error: cannot write to standard output: No space left on device\nended with 1\n"
            ), "\(errors)")
        #expect(try cell("SELECT state FROM execution") == "done")
        let database = try DatabaseQueue(path: tool.directory + "/.vireo/vireo.db")
        #expect(
            try database.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
    }

    @Test("If the reader of a pipe exits, the output ends but the run continues")
    func reader() throws {
        try write("echo made > $1/file\n", to: "a.yaml")
        let errors = try tool.shell(
            """
            (sleep 0.2; "$0" run a.yaml 2>&1; echo "ended with $?" >&2) | true
            """)
        #expect(errors.hasSuffix("ended with 141\n"), "\(errors)")
        #expect(try cell("SELECT state FROM execution") == "done")
    }

    @Test("A file at the largest size that the system allows fails a stage in words")
    func fileSize() throws {
        try tool.write(
            "name: q\nstages:\n  q: { uses: ingest.countdown, with: { train: 16000, shares: [0, 0, 0, 1] } }\n",
            to: "q.yaml")
        let errors = try tool.shell(
            "ulimit -f 2000; \"$0\" run q.yaml >&2; echo \"ended with $?\" >&2")
        #expect(
            errors.contains("q: failed: cannot write "), "\(errors)")
        #expect(!errors.contains("signal"), "\(errors)")
    }
}
