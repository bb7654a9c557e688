import Files
import Glibc

/// Runs programs that are not trusted, by bubblewrap. A program has no network, sees only the system's programs and
/// libraries, cannot write to any file, has no privileges, environment, terminal or open files of this process, and sees
/// and signals only its own processes, which end with it.
package struct Sandbox: Sendable {
    package struct Limits: Hashable, Sendable {
        /// The processor time of a program in seconds. By the clock, it may take four times as long; the time in which
        /// it waits for a processor does not count.
        package var seconds: Int

        /// The address space of each process in MiB.
        package var mebibytes: Int

        package init(seconds: Int, mebibytes: Int) {
            self.seconds = seconds
            self.mebibytes = mebibytes
        }

        var processorTime: Duration { .seconds(seconds) }
        var duration: Duration { .seconds(4 * seconds) }
    }

    package let limits: Limits

    /// The path of `bwrap`, or of `setpriv`, which runs it as another user.
    let executable: String
    private let launcher: [String]

    /// The size of the largest file, in bytes. Only files in memory, such as standard input, can be written.
    private static let fileSize = 64 << 20
    /// The number of processes and threads.
    private static let threads = 32
    private static let openFiles = 64
    /// Recursive programs need more than the usual 8 MiB.
    private static let stack = 64 << 20
    /// The user nobody, whose processes the kernel counts; it does not limit those of root.
    private static let nobody = 65534

    private static let environment = [
        "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8",
        // Without it, the order of sets of texts changes from run to run.
        "PYTHONHASHSEED": "0",
        // Numerical libraries start a thread per processor.
        "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    ]

    /// `searchPath` is the PATH in which bubblewrap is looked for. Throws if it is not there.
    package init(
        limits: Limits, searchPath: String, isRoot: Bool = geteuid() == 0
    ) throws(SandboxError) {
        func path(of program: String) throws(SandboxError) -> String {
            guard let path = ProgramRun.path(of: program, in: searchPath) else {
                throw .missing(program)
            }
            return path
        }
        let bubblewrap = try path(of: "bwrap")
        self.limits = limits
        executable = isRoot ? try path(of: "setpriv") : bubblewrap
        launcher =
            isRoot
            ? [
                "--reuid=\(Self.nobody)", "--regid=\(Self.nobody)", "--clear-groups", "--",
                bubblewrap,
            ] : []
    }

    /// The arguments of `executable` that run `command`, whose first element is a program in the system's directories.
    func arguments(running command: [String]) -> [String] {
        launcher + isolation + files + ["--"] + rlimits + command
    }

    private var isolation: [String] {
        // Without a reaper as process 1, the program itself is the first process, so that there is none that it could
        // trace, and all others are killed when it ends.
        let flags = [
            "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent",
            "--new-session", "--as-pid-1", "--clearenv",
        ]
        let identity = [
            "--cap-drop", "ALL", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox",
        ]
        return flags + identity
            + Self.environment.sorted { $0.key < $1.key }.flatMap {
                ["--setenv", $0.key, $0.value]
            }
    }

    /// The directories that the program sees. Those that bubblewrap creates are in memory and writable until they are
    /// mounted again. Programs for contests write no files, and files without content would take memory without limit.
    private var files: [String] {
        let system = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"].flatMap(
            Self.systemDirectory)
        let configuration = ["/etc/ld.so.cache", "/etc/alternatives"].flatMap {
            ["--ro-bind-try", $0, $0]
        }
        let mounts = [
            "--proc", "/proc", "--dev", "/dev",
            // Mappings of /dev/zero may be shared memory, which no limit counts.
            "--dev-bind", "/dev/null", "/dev/zero", "--remount-ro", "/dev",
            "--dir", "/tmp", "--chdir", "/tmp", "--remount-ro", "/",
        ]
        return ["--ro-bind", "/usr", "/usr"] + system + configuration + mounts
    }

    /// A directory next to /usr, which is usually a link to one inside.
    private static func systemDirectory(_ name: String) -> [String] {
        let path = "/\(name)"
        let target = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) {
            guard let base = $0.baseAddress else { return "" }
            let count = readlink(path, base, $0.count)
            return String(
                decoding: UnsafeRawBufferPointer(start: base, count: max(0, count)), as: UTF8.self)
        }
        if !target.isEmpty { return ["--symlink", target, path] }
        return access(path, F_OK) == 0 ? ["--ro-bind", path, path] : []
    }

    /// The program that sets the limits of resources and then becomes the command. They are set inside, so that the
    /// kernel counts only the processes of this sandbox.
    private var rlimits: [String] {
        [
            "prlimit", "--as=\(limits.mebibytes << 20)",
            // The kernel counts whole ticks, on a busy virtual machine too many; `SandboxRun` measures exactly.
            "--cpu=\(2 * limits.seconds)",
            "--nproc=\(Self.threads)", "--fsize=\(Self.fileSize)", "--nofile=\(Self.openFiles)",
            // With 0, the system's program for core dumps would be run.
            "--stack=\(Self.stack)", "--core=1", "--",
        ]
    }
}

/// Why there is no sandbox.
package enum SandboxError: Error, Hashable, CustomStringConvertible {
    /// This program is not in PATH.
    case missing(String)
    /// The sandbox could not be made.
    case failed(lastLine: String)

    package var description: String {
        switch self {
        case .missing(let program):
            "programs run in a sandbox of bubblewrap, but '\(program)' is not in PATH: install it, for example with `apt install bubblewrap util-linux`"
        case .failed(let lastLine):
            "bubblewrap cannot make the sandbox in which programs run (\(lastLine)): use bubblewrap 0.8 or newer, and a system or container that permits user namespaces to unprivileged users"
        }
    }
}
