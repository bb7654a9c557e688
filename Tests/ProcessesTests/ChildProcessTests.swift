import Foundation
import Processes
import TestSupport
import Testing

@Suite("Child processes", .timeLimit(.minutes(10)))
struct ChildProcessTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func start(_ script: String, leadsGroup: Bool = true) throws -> ChildProcess {
        try ChildProcess(
            .init(
                executable: "/bin/sh", arguments: ["-c", script],
                environment: ["PATH": "/usr/bin:/bin"], errorFile: directory.path + "/errors",
                leadsGroup: leadsGroup))
    }

    /// What a script tells until it ends.
    private func result(
        _ script: String, leadsGroup: Bool = true
    ) async throws -> (lines: [String], status: Processes.ExitStatus?) {
        let child = try start(script, leadsGroup: leadsGroup)
        defer { withExtendedLifetime(child) {} }
        return await result(of: child.events)
    }

    private func result(
        of events: AsyncStream<ChildProcess.Event>
    ) async -> (lines: [String], status: Processes.ExitStatus?) {
        var lines: [String] = []
        var status: Processes.ExitStatus?
        for await event in events {
            switch event {
            case .line(let line): lines.append(line)
            case .ended(let end): status = end
            }
        }
        return (lines, status)
    }

    @Test("Lines come one by one, of any length, the empty ones and the unfinished last one too")
    func lines() async throws {
        let long = 300_000
        let (lines, status) = try await result(
            "echo first; echo; head -c \(long) /dev/zero | tr '\\0' x; echo; printf last")
        #expect(lines.count == 4)
        #expect(lines.map(\.utf8.count) == [5, 0, long, 4])
        #expect(lines.last == "last")
        #expect(status?.outcome == .exited(0))
    }

    /// Only root may lower the niceness of a thread, and only then does Dispatch change it.
    @Test(
        "A program has the priority of the process, whatever that of the thread that starts it",
        .enabled(if: geteuid() == 0))
    func priority() async throws {
        let process = __priority_which_t(PRIO_PROCESS.rawValue)
        let own = getpriority(process, id_t(getpid()))
        setpriority(process, 0, own == 19 ? own - 1 : own + 1)
        let child = try start("nice")
        defer { withExtendedLifetime(child) {} }
        #expect(await result(of: child.events).lines == ["\(own)"])
    }

    @Test("A program that writes nothing has no lines")
    func silence() async throws {
        let (lines, status) = try await result("true")
        #expect(lines.isEmpty)
        #expect(status?.isSuccess == true)
    }

    @Test("Many lines arrive in order")
    func order() async throws {
        let (lines, _) = try await result("seq 1 50000")
        #expect(lines == (1...50_000).map(String.init))
    }

    @Test("The exit status is the program's")
    func status() async throws {
        let (_, status) = try await result("exit 7")
        #expect(status?.outcome == .exited(7))
        #expect(status?.isSuccess == false)
        #expect(status?.text == "exited with status 7")
    }

    @Test("A signal that ended the program is named")
    func signal() async throws {
        let (lines, status) = try await result("echo before; kill -SEGV $$")
        #expect(lines == ["before"])
        #expect(status?.outcome == .killed(signal: SIGSEGV))
        #expect(status?.text == "was killed by signal 11")
    }

    @Test("The exit reports the time and memory that the program used")
    func usage() async throws {
        let (_, status) = try await result("i=0; while [ $i -lt 50000 ]; do i=$((i + 1)); done")
        let end = try #require(status)
        #expect(end.cpuSeconds > 0)
        #expect(end.peakMemory > 100_000)
    }

    @Test("Standard error is appended to its file, standard output goes to one if it is named")
    func files() async throws {
        let errors = directory.path + "/errors"
        try "before\n".write(toFile: errors, atomically: false, encoding: .utf8)
        let output = directory.path + "/output"
        let child = try ChildProcess(
            .init(
                executable: "/bin/sh", arguments: ["-c", "echo $WORD; echo wrong >&2"],
                environment: ["WORD": "out"], errorFile: errors, outputFile: output))
        let (lines, status) = await result(of: child.events)
        #expect(lines.isEmpty)
        #expect(status?.isSuccess == true)
        #expect(try String(contentsOfFile: output, encoding: .utf8) == "out\n")
        #expect(try String(contentsOfFile: errors, encoding: .utf8) == "before\nwrong\n")
    }

    @Test("A process that the program left behind is killed with it, even if it ignores TERM")
    func leftBehind() async throws {
        let pipe = try NamedPipe(in: directory)
        let (lines, status) = try await result(
            """
            sh -c 'trap "" TERM; exec > \(pipe.path); echo here; while :; do sleep 1000; done' &
            read word < \(pipe.path); echo $word
            """)
        #expect(lines == ["here"])
        #expect(status?.outcome == .exited(0))
        pipe.waitForWriters()
    }

    @Test("A process group that ignores TERM is killed after the grace period")
    func terminate() async throws {
        let pipe = try NamedPipe(in: directory)
        let child = try start(
            """
            trap '' TERM
            sh -c 'exec > \(pipe.path); echo here; while :; do sleep 1000; done' &
            read word < \(pipe.path); echo $word
            while :; do wait; done
            """)
        var status: Processes.ExitStatus?
        for await event in child.events {
            switch event {
            case .line("here"): child.terminate(killAfter: 0.05)
            case .line(let line): Issue.record("\(line) was not expected")
            case .ended(let end): status = end
            }
        }
        #expect(status?.outcome == .killed(signal: SIGKILL))
        pipe.waitForWriters()
    }

    @Test("A program that handles TERM can still write output")
    func lastWords() async throws {
        let child = try start(
            "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.01; done")
        var lines: [String] = []
        var status: Processes.ExitStatus?
        for await event in child.events {
            switch event {
            case .line(let line):
                lines.append(line)
                if line == "ready" { child.terminate(killAfter: 60) }
            case .ended(let end): status = end
            }
        }
        #expect(lines == ["ready", "bye"])
        #expect(status?.outcome == .exited(3))
    }

    @Test("A program that does not exist is named with the reason")
    func missing() throws {
        let error = #expect(throws: SpawnError.self) {
            try ChildProcess(
                .init(
                    executable: "/nowhere/program", arguments: [], environment: [:],
                    errorFile: directory.path + "/errors"))
        }
        #expect(error?.description == "cannot start /nowhere/program: No such file or directory")
    }

    @Test("A file that is no program is named with the reason")
    func notExecutable() throws {
        let path = directory.path + "/text"
        try "text".write(toFile: path, atomically: false, encoding: .utf8)
        let error = #expect(throws: SpawnError.self) {
            try ChildProcess(
                .init(
                    executable: path, arguments: [], environment: [:],
                    errorFile: directory.path + "/errors"))
        }
        #expect(error?.description == "cannot start \(path): Permission denied")
    }

    @Test("Standard input ends when the value goes away, and not before")
    func input() async throws {
        var child: ChildProcess? = try start("echo ready; cat; echo over")
        let events = try #require(child).events
        var lines: [String] = []
        for await event in events {
            guard case .line(let line) = event else { continue }
            lines.append(line)
            if line == "ready" {
                withExtendedLifetime(child) {}
                child = nil
            }
        }
        #expect(lines == ["ready", "over"])
    }

    @Test("A program in our group has an empty standard input and is in no group of its own")
    func member() async throws {
        let (lines, status) = try await result(
            "cat; cut -d ' ' -f 5 /proc/$$/stat", leadsGroup: false)
        #expect(lines == ["\(getpgrp())"])
        #expect(status?.isSuccess == true)
    }

    @Test("A process that outlives a program of our group does not block the reader")
    func memberLeftBehind() async throws {
        let pipe = try NamedPipe(in: directory)
        let (lines, status) = try await result(
            "cat \(pipe.path) > \(directory.path)/read & echo done", leadsGroup: false)
        #expect(lines == ["done"])
        #expect(status?.isSuccess == true)
        pipe.release()
    }

    @Test("Errors can arrive as lines while the output goes to an open file")
    func errorLines() async throws {
        let path = directory.path + "/output"
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        defer { close(file) }
        let child = try ChildProcess(
            .init(
                executable: "/bin/sh", arguments: ["-c", "echo out; echo wrong >&2"],
                environment: [:], output: .descriptor(file), errors: .lines, leadsGroup: false))
        let (lines, status) = await result(of: child.events)
        #expect(lines == ["wrong"] && status?.isSuccess == true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "out\n")
    }

    @Test("Input is delivered, and sending to a program that has exited returns false")
    func sending() async throws {
        let child = try start("read line; echo got $line")
        #expect(child.send("a word\n"))
        let (lines, _) = await result(of: child.events)
        #expect(lines == ["got a word"])
        #expect(!child.send(String(repeating: "x", count: 1 << 20)))
    }

    @Test("A process in a session of its own that holds the output does not keep its reader")
    func heldOutput() async throws {
        let pids = directory.path + "/pid"
        let (_, status) = try await result(
            "setsid sh -c 'echo $$ > \(pids); exec sleep 1000' & while [ ! -s \(pids) ]; do :; done"
        )
        #expect(status?.isSuccess == true)
        let pid = try String(contentsOfFile: pids, encoding: .utf8)
        // It is still there.
        #expect(kill(try #require(Int32(pid.dropLast())), SIGKILL) == 0)
    }

    @Test("A process outside of the group that writes for ever does not keep its reader")
    func flood() async throws {
        let pids = directory.path + "/pid"
        let (lines, status) = try await result(
            "setsid sh -c 'echo $$ > \(pids); exec yes' & while [ ! -s \(pids) ]; do :; done; sleep 0.1"
        )
        #expect(status?.isSuccess == true)
        #expect(lines.count > 100)
        let pid = try String(contentsOfFile: pids, encoding: .utf8)
        if let pid = Int32(pid.dropLast()) { kill(pid, SIGKILL) }
    }

    @Test("Both streams can arrive as lines")
    func bothStreams() async throws {
        let child = try ChildProcess(
            .init(
                executable: "/bin/sh", arguments: ["-c", "echo out; echo wrong >&2"],
                environment: [:], output: .lines, errors: .lines))
        let (lines, status) = await result(of: child.events)
        #expect(lines.sorted() == ["out", "wrong"] && status?.isSuccess == true)
    }
}
