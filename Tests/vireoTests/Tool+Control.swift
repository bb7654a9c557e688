import Foundation
import Glibc
import Processes
import Synchronization

/// What the program wrote on both streams before its end, and the end.
struct Ending {
    let lines: [String]
    let status: ExitStatus?

    var text: String { lines.map { $0 + "\n" }.joined() }
}

extension Tool {
    /// Starts the program, or another one, as the leader of its own process group, with what it writes on
    /// both streams as lines.
    func start(
        _ arguments: [String], of program: String = path, environment: [String: String] = [:]
    ) throws -> ChildProcess {
        let own = ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": directory]
        return try ChildProcess(
            .init(
                // The shell joins the two streams by descriptor and becomes the program.
                executable: "/bin/sh",
                arguments: ["-c", "exec \"$0\" \"$@\" 2>&1", program] + arguments,
                environment: own.merging(environment) { $1 }, output: .lines, errors: .lines))
    }

    /// Starts the program and sends its group a signal once it writes a line with `sign`. With SIGKILL
    /// it is gone without a word.
    func run(
        _ arguments: [String], sending signal: Int32, after sign: String
    ) async throws -> Ending {
        let child = try start(arguments)
        var isSent = false
        return await Self.follow(child) { line in
            guard !isSent, line.contains(sign) else { return }
            isSent = true
            killpg(child.pid, signal)
        }
    }

    /// Starts the program and sends its group a signal once `condition` holds, which is asked every few
    /// milliseconds. A thread asks, for the tests' own may all be waiting for programs.
    func run(
        _ arguments: [String], sending signal: Int32, environment: [String: String] = [:],
        when condition: @escaping @Sendable () -> Bool
    ) async throws -> Ending {
        let child = try start(arguments, environment: environment)
        let isOver = Flag()
        Thread.detachNewThread {
            while !isOver.value.load(ordering: .relaxed) {
                if condition() {
                    killpg(child.pid, signal)
                    return
                }
                usleep(5_000)
            }
        }
        let ending = await Self.follow(child)
        isOver.value.store(true, ordering: .relaxed)
        return ending
    }

    private final class Flag: Sendable {
        let value = Atomic<Bool>(false)
    }

    /// Reads what a started program writes until it ends.
    static func follow(
        _ child: ChildProcess, _ body: (String) -> Void = { _ in }
    ) async -> Ending {
        var lines: [String] = []
        var status: ExitStatus?
        for await event in child.events {
            switch event {
            case .line(let line):
                lines.append(line)
                body(line)
            case .ended(let end): status = end
            }
        }
        return Ending(lines: lines, status: status)
    }
}
