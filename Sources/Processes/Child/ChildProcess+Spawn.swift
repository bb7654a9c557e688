import Files
import Glibc

extension ChildProcess.Launch {
    /// Starts the program and returns its process id. `input` becomes its standard input if it leads its group;
    /// `outputPipe` and `errorPipe` receive the streams whose sinks are `lines`. They must stay open until this returns.
    func spawn(
        input: Descriptor, _ outputPipe: Descriptor?, _ errorPipe: Descriptor?
    ) throws(SpawnError) -> pid_t {
        // Without this, a pipe could be closed after its last use, before the program has inherited it.
        defer { withExtendedLifetime((input, outputPipe, errorPipe)) {} }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if leadsGroup {
            posix_spawn_file_actions_adddup2(&actions, input.number, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        output.redirect(1, to: outputPipe, &actions)
        errors.redirect(2, to: errorPipe, &actions)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        setAttributes(&attributes)
        Self.adoptPriority()

        var pid: pid_t = 0
        let code = Self.withStrings([executable] + arguments) { arguments in
            Self.withStrings(environment.map { "\($0)=\($1)" }) { environment in
                posix_spawn(&pid, executable, &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else { throw SpawnError(executable: executable, code: code) }
        return pid
    }

    /// Sets the process group and the handling of signals of the program.
    private func setAttributes(_ attributes: inout posix_spawnattr_t) {
        let group = leadsGroup ? POSIX_SPAWN_SETPGROUP : 0
        posix_spawnattr_setflags(
            &attributes, Int16(group | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        posix_spawnattr_setpgroup(&attributes, 0)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        // SIGTERM must work, because it asks programs to end.
        let kept = InheritedSignals.ignored.subtracting([SIGTERM])
        for signal in Set([SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGHUP, SIGXFSZ, SIGUSR1])
            .subtracting(kept)
        {
            sigaddset(&defaults, signal)
        }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        // Threads of Dispatch block signals, and a program inherits the signal mask of the thread that starts it.
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        posix_spawnattr_setsigmask(&attributes, &unblocked)
    }

    /// Gives this thread, and thus the program, the scheduling priority of the process. Dispatch resets its threads to
    /// the priority 0 if it may, as it may for root, and a program inherits the priority of the thread that starts it.
    private static func adoptPriority() {
        // The id of the first thread is that of the process. A thread that may not do this was not reset either.
        let process = __priority_which_t(PRIO_PROCESS.rawValue)
        setpriority(process, 0, getpriority(process, id_t(getpid())))
    }

    private static func withStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return body(copies + [nil])
    }
}

extension ChildProcess.Launch.Sink {
    /// A new pipe if the output is received as lines.
    func pipe(for executable: String) throws(SpawnError) -> DescriptorPair? {
        guard case .lines = self else { return nil }
        return try DescriptorPair.pipe(for: executable)
    }

    /// Makes the stream `number` of the program write to this sink, which is `pipe` for lines.
    fileprivate func redirect(
        _ number: Int32, to pipe: Descriptor?, _ actions: inout posix_spawn_file_actions_t
    ) {
        switch self {
        case .lines:
            if let pipe { posix_spawn_file_actions_adddup2(&actions, pipe.number, number) }
        case .file(let path):
            let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW
            posix_spawn_file_actions_addopen(&actions, number, path, flags, 0o666)
        case .descriptor(let descriptor):
            posix_spawn_file_actions_adddup2(&actions, descriptor, number)
        }
    }
}
