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

    /// A program that prints `refused` for each action that raises an error. `call` calls a function of the C library.
    private static func attempts(_ actions: [String]) -> String {
        """
        import ctypes, mmap, os, socket, subprocess
        library = ctypes.CDLL(None, use_errno=True)
        def call(name, *arguments):
            if getattr(library, name)(*arguments) < 0:
                raise OSError

        """
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
            // Writing.
            [
                "open('/tmp/x', 'w')", "os.mkdir('/tmp/x')", "os.mkfifo('/tmp/x')",
                "os.symlink('a', '/tmp/x')", "open('/usr/x', 'w')",
                "open('/usr/bin/python3', 'r+b')", "open('/x', 'w')", "open('/etc/x', 'w')",
                "open('/dev/x', 'w')", "open('/dev/shm/x', 'w')", "os.remove('/usr/bin/env')",
                "open('/proc/sys/kernel/hostname', 'w')", "open('/proc/sysrq-trigger', 'w')",
                "os.write(os.open('/proc/1/oom_score_adj', os.O_WRONLY), b'-1000')",
            ],
            // Files through others.
            [
                "open('/proc/1/root/etc/shadow')", "open('/proc/self/cwd/../etc/shadow')",
                "os.link('/usr/bin/env', '/tmp/hard')", "os.listdir('/proc/1/map_files/../../2')",
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
                // A mount; namespaces of users, mounts and processes; the namespace of process 1.
                "call('mount', b'none', b'/tmp', b'tmpfs', 0, None)",
                "call('unshare', 0x10000000)", "call('unshare', 0x20000)",
                "call('unshare', 0x20000000)",
                "call('setns', os.open('/proc/1/ns/user', os.O_RDONLY), 0)",
                // Whether programs may gain privileges, such as setuid programs.
                "1 / (1 - library.prctl(39, 0, 0, 0, 0))",
            ],
            // Processes.
            [
                "os.fork()", "os.forkpty()", "subprocess.run(['true'])",
                "os.posix_spawn('/usr/bin/true', ['true'], {})", "1 / (os.system('true') == 0)",
                "__import__('multiprocessing').Process(target=print).start()",
                "call('clone', 0, 0, 17, 0, 0)",
            ],
            // The terminal.
            ["os.open('/dev/tty', os.O_RDWR)", "__import__('fcntl').ioctl(0, 0x5412, b'x')"],
            // Limits, and memory that they do not count.
            [
                "__import__('resource').setrlimit(7, (4096, 4096))", "bytearray(1 << 33)",
                "os.truncate(0, 1 << 40)", "os.memfd_create('x')", "mmap.mmap(-1, 4096)",
                "mmap.mmap(os.open('/dev/zero', os.O_RDWR), 4096)", "socket.socket()",
                "socket.socket(socket.AF_UNIX)", "call('shmget', 0, 4096, 0o1600)",
                "call('semget', 0, 1, 0o1600)", "call('msgget', 0, 0o1600)",
                // The system calls memfd_secret, io_uring_setup, keyctl and io_setup.
                "call('syscall', 447, 0)",
                "call('syscall', 425, 1, ctypes.create_string_buffer(256))",
                "call('syscall', {'x86_64': 250}.get(os.uname().machine, 219), 0, -3, 1)",
                "call('syscall', {'x86_64': 206}.get(os.uname().machine, 0), 8, bytes(8))",
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
            "print([line.split(':')[0].strip() for line in open('/proc/net/dev') if ':' in line])",
            prints: "['lo']")
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

    @Test("Threads end at their number")
    func threads() throws {
        let program = """
            import threading, time
            threading.stack_size(1 << 16)
            count = 0
            try:
                while count < 1000:
                    threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
                    count += 1
            except RuntimeError:
                print(8 < count < 40)
            """
        let verdict = try verdict(program, prints: "True")
        #expect(verdict.isCorrect, "\(verdict.reason ?? "")")
    }

    @Test("The processor time of all threads counts, also that of a program that has just ended")
    func threadTime() throws {
        let program = """
            import hashlib, os, threading, time
            def work():
                while time.thread_time() < 0.7:
                    hashlib.sha256(bytes(1 << 20))
            threads = [threading.Thread(target=work) for _ in range(2)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            print("done")
            """
        #expect(
            try verdict(program, prints: "done", seconds: 1).reason
                == "time limit on test 1: over 1 s")
    }

    @Test("Killed at a limit, a program leaves no process")
    func killed() throws {
        let seconds = "8\(Int.random(in: 100_000...999_999))"
        // No other process has this command line.
        let program = "import os\nos.execvp('sleep', ['sleep', '\(seconds)'])"
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

    @Test("A program that changes its input changes nothing for the next test")
    func ownInput() throws {
        let program = """
            import os
            for path in ("/dev/stdin", "/proc/self/fd/0"):
                try:
                    os.remove(path)
                except OSError:
                    pass
            print(input())
            os.truncate(0, 0)
            os.write(0, b"c")
            """
        let tests = try ProgramSample.tests(("a", "a"), ("b", "b"))
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
}
