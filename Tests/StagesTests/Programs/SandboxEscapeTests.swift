import Foundation
import Glibc
import Processes
import Reasoning
import Stages
import TestSupport
import Testing

/// Programs that try to leave the sandbox, or to use more than their share.
@Suite("Escapes from the sandbox", .timeLimit(.minutes(10)), .inSandbox)
struct SandboxEscapeTests {
    /// The verdict on a program that should print `expected`.
    private func verdict(
        _ program: String, prints expected: String, input: String = "", seconds: Int = 20
    ) throws -> Verdict {
        let tests = try ProgramSample.tests((input, expected))
        let verifier = try ProgramSample.verifier(seconds: seconds)
        return try #require(
            try verifier.verdicts(on: [ProgramSample.request(program, tests)]).first)
    }

    /// A program that prints `refused` for each action that raises an error.
    private static func attempts(_ actions: [String]) -> String {
        "import ctypes, os, socket, subprocess\n"
            + actions.map {
                "try:\n    print('done', \($0))\nexcept Exception as error:\n    print('refused')\n"
            }.joined()
    }

    @Test(
        "What a program must not do is refused",
        arguments: [
            // The network.
            [
                "socket.create_connection(('1.1.1.1', 80), 3)",
                "socket.create_connection(('8.8.8.8', 53), 3)",
                "socket.getaddrinfo('example.com', 80)",
            ],
            // Files of users and of the system.
            [
                "os.listdir('/root')", "os.listdir('/home')", "open('/etc/shadow')",
                "open('/etc/passwd')",
                "os.listdir('/var')", "os.listdir('/work')", "os.listdir('/run')",
            ],
            // Writing outside of /tmp.
            [
                "open('/usr/x', 'w')", "open('/usr/bin/python3', 'r+b')", "open('/x', 'w')",
                "open('/etc/x', 'w')", "open('/dev/x', 'w')", "open('/dev/shm/x', 'w')",
                "os.remove('/usr/bin/env')", "open('/proc/sys/kernel/hostname', 'w')",
                "os.write(os.open('/proc/1/oom_score_adj', os.O_WRONLY), b'-1000')",
            ],
            // Links out of the working directory.
            [
                "os.symlink('/../../../etc/shadow', '/tmp/link') or open('/tmp/link')",
                "open('/proc/1/root/etc/shadow')", "open('/proc/self/cwd/../etc/shadow')",
                "os.link('/usr/bin/env', '/tmp/hard')",
            ],
            // Devices.
            [
                "os.mknod('/tmp/disk', 0o60666, os.makedev(254, 0))",
                "os.mknod('/tmp/memory', 0o20666, os.makedev(1, 1))", "open('/dev/mem')",
                "open('/dev/kmsg')", "open('/dev/vda')", "open('/dev/sda')",
            ],
            // Privileges.
            [
                "os.chroot('/tmp')", "os.setuid(0)", "os.setgroups([0])", "os.nice(-5)",
                "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)", "socket.sethostname('other')",
                "subprocess.run(['mount', '-t', 'tmpfs', 'none', '/tmp'], check=True, stderr=subprocess.DEVNULL)",
                "subprocess.run(['unshare', '-Urm', 'true'], check=True, stderr=subprocess.DEVNULL)",
                "subprocess.run(['su', '-c', 'true'], check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)",
            ],
            // Limits.
            [
                "__import__('resource').setrlimit(7, (4096, 4096))",
                "open('/tmp/huge', 'wb').truncate(1 << 40)", "bytearray(1 << 33)",
            ],
        ])
    func refused(_ actions: [String]) throws {
        let expected = actions.map { _ in "refused" }.joined(separator: "\n")
        let verdict = try verdict(Self.attempts(actions), prints: expected)
        #expect(verdict.isCorrect, "\(verdict.reason ?? "") \(actions)")
    }

    @Test("The only network device is the loopback of the sandbox")
    func devices() throws {
        let verdict = try verdict(
            "import socket\nprint([name for _, name in socket.if_nameindex()])", prints: "['lo']")
        #expect(verdict.isCorrect, "\(verdict.reason ?? "")")
    }

    @Test("Files of this machine do not exist inside")
    func files() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("secret", to: "file")
        let verdict = try verdict(
            "import os\nprint(os.path.exists('\(path)'), sorted(os.listdir('/tmp')))",
            prints: "False []")
        #expect(verdict.isCorrect, "\(verdict.reason ?? "")")
    }

    @Test("A flood of files ends at the size of /tmp")
    func flood() throws {
        let program = """
            import os
            total = 0
            try:
                for number in range(10 ** 6):
                    with open(f"/tmp/{number}", "wb") as file:
                        for _ in range(30):
                            total += file.write(b"x" * 10 ** 6)
            except OSError as error:
                print(total <= 64 << 20, error.errno)
            """
        let verdict = try verdict(program, prints: "True 28")
        #expect(verdict.isCorrect, "\(verdict.reason ?? "")")
    }

    @Test("A fork bomb ends at the number of processes")
    func forks() throws {
        let program = """
            import os, time
            count = 0
            try:
                while count < 1000:
                    if os.fork() == 0:
                        time.sleep(100)
                    count += 1
            except OSError:
                print(count < 40)
            """
        let verdict = try verdict(program, prints: "True")
        #expect(verdict.isCorrect, "\(verdict.reason ?? "")")
    }

    @Test("Several processes together have no more memory than one")
    func memory() throws {
        let program = """
            import os, time
            for _ in range(8):
                if os.fork() == 0:
                    memory = bytearray(300 << 20)
                    for place in range(0, len(memory), 4096):
                        memory[place] = 1
                    time.sleep(100)
            time.sleep(100)
            """
        let verdict = try verdict(program, prints: "")
        #expect(verdict.reason == "memory limit on test 1: over 512 MiB")
    }

    @Test("A process that leaves its session does not outlive the program")
    func daemon() throws {
        // No other process has this command line.
        let seconds = "7\(Int.random(in: 100_000...999_999))"
        let program = """
            import os, time
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.execvp("sleep", ["sleep", "\(seconds)"])
                os._exit(0)
            time.sleep(0.3)
            print("parent")
            """
        #expect(try verdict(program, prints: "parent").isCorrect)
        let left = ProcessTable.current().records.filter {
            !$0.isOver && ProcessTable.command(of: $0.pid) == "sleep \(seconds)"
        }
        #expect(left.isEmpty)
    }

    @Test("Killed at a limit, a program leaves no process")
    func killed() throws {
        let seconds = "8\(Int.random(in: 100_000...999_999))"
        let program = "import subprocess\nsubprocess.run(['sleep', '\(seconds)'])"
        #expect(
            try verdict(program, prints: "", seconds: 1).reason == "time limit on test 1: over 1 s")
        let left = ProcessTable.current().records.filter {
            !$0.isOver && ProcessTable.command(of: $0.pid) == "sleep \(seconds)"
        }
        #expect(left.isEmpty)
    }

    @Test("A program sees, signals and traces only its own processes")
    func processes() throws {
        let program = """
            import ctypes, os
            print([name for name in os.listdir("/proc") if name.isdigit()])
            for number in (9, 15):
                try:
                    os.kill(\(getpid()), number)
                    print("sent")
                except ProcessLookupError:
                    print("refused")
            library = ctypes.CDLL(None, use_errno=True)
            print(library.ptrace(16, \(getpid()), 0, 0), library.ptrace(16, os.getppid(), 0, 0))
            print(os.getpid(), os.getppid())
            """
        let verdict = try verdict(program, prints: "['1']\nrefused\nrefused\n-1 -1\n1 0")
        #expect(verdict.isCorrect, "\(verdict.reason ?? "")")
    }

    @Test("Signals to all processes reach none outside")
    func signals() throws {
        let program = """
            import os
            for target in (-1, 0, os.getppid()):
                try:
                    os.kill(target, 9)
                except OSError:
                    pass
            print("alive")
            """
        let verdict = try verdict(program, prints: "alive")
        #expect(verdict.isCorrect, "\(verdict.reason ?? "")")
    }

    @Test("Open files of this process are closed inside")
    func descriptors() throws {
        let directory = try TemporaryDirectory()
        // Unlike all files of Vireo, it is not closed in other programs.
        let file = open(try directory.write("secret", to: "file"), O_RDONLY)
        defer { close(file) }
        let program = """
            import os
            found = []
            for number in range(3, 1024):
                try:
                    os.fstat(number)
                    found.append(number)
                except OSError:
                    pass
            print(found)
            """
        let verdict = try verdict(program, prints: "[]")
        #expect(verdict.isCorrect, "\(verdict.reason ?? "")")
    }

    @Test("Environment variables of this process are not passed on")
    func environment() throws {
        setenv("VIREO_TEST_SECRET", "hidden", 1)
        defer { unsetenv("VIREO_TEST_SECRET") }
        let program = """
            import os
            texts = [str(dict(os.environ))]
            for name in ("environ", "cmdline"):
                texts.append(open(f"/proc/1/{name}").read())
            print("hid" + "den" in " ".join(texts), os.environ["HOME"], sorted(os.environ))
            """
        let verdict = try verdict(
            program,
            prints:
                "False /tmp ['HOME', 'LANG', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'PATH', 'PWD', 'PYTHONHASHSEED']"
        )
        #expect(verdict.isCorrect, "\(verdict.reason ?? "")")
    }

    @Test("The expected output is not to be found inside")
    func expectedOutput() throws {
        let program = """
            import os
            wanted = "expected-" + "7731"
            texts = []
            for directory, _, names in os.walk("/tmp"):
                texts += [open(os.path.join(directory, name), errors="replace").read() for name in names]
            for name in ("cmdline", "environ", "comm"):
                texts.append(open("/proc/1/" + name, errors="replace").read())
            for number in os.listdir("/proc/1/fd"):
                if number in "12":
                    continue
                try:
                    texts.append(open("/proc/1/fd/" + number, errors="replace").read(10 ** 6))
                except OSError:
                    pass
            print(wanted if any(wanted in text for text in texts) else "nothing")
            """
        #expect(
            try verdict(program, prints: "expected-7731").reason
                == "wrong answer on test 1: 'nothing', not 'expected-7731'")
    }

    @Test("Packages of the user are not imported, and the program is not in the way of others")
    func packages() throws {
        let verdict = try verdict(
            "import site, sys\nprint(site.ENABLE_USER_SITE, [p for p in sys.path if 'home' in p or 'root' in p])",
            prints: "False []")
        #expect(verdict.isCorrect, "\(verdict.reason ?? "")")
    }

    @Test("A program that removes its input or its files changes nothing for the next test")
    func ownInput() throws {
        let program = """
            import os
            for path in ("/dev/stdin", "/proc/self/fd/0"):
                try:
                    os.remove(path)
                except OSError:
                    pass
            print(input(), os.path.exists("/tmp/left"))
            open("/tmp/left", "w").write("x")
            os.truncate(0, 0)
            """
        let tests = try ProgramSample.tests(("a", "a False"), ("b", "b False"))
        let verdict = try ProgramSample.verifier(threads: 1).verdicts(
            on: [ProgramSample.request(program, tests)])
        #expect(verdict.map(\.reason) == [nil])
    }

    @Test("A program that is traced, stopped or replaced by itself ends at its limits")
    func stopped() throws {
        let program = "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\nprint('on')"
        let verdict = try verdict(program, prints: "on", seconds: 1)
        #expect(verdict.isCorrect || verdict.reason == "time limit on test 1: over 1 s")
    }

    @Test("Nothing of a program is left on disk")
    func disk() throws {
        let name = "vireo-left-\(Int.random(in: 0..<1 << 40))"
        let program =
            "import os\nos.mkdir('/tmp/\(name)')\nopen('/tmp/\(name)/x', 'w').write('x')\nprint(1)"
        #expect(try verdict(program, prints: "1").isCorrect)
        #expect(!FileManager.default.fileExists(atPath: "/tmp/\(name)"))
    }
}
