import Foundation
import Spawn

extension Tool {
    /// Starts the program as the leader of its own process group, with what it writes on both streams
    /// as lines.
    func start(_ arguments: [String]) throws -> ChildProcess {
        try ChildProcess(
            .init(
                executable: Self.path, arguments: arguments,
                environment: ["PATH": "/usr/bin:/bin", "HOME": directory],
                // Opening it again joins the two streams.
                errorFile: "/dev/stdout"))
    }

    /// Starts the program and sends it `signal` once it has written a line with `sign`; with SIGKILL its
    /// whole group is gone without a word. Returns all lines and how it ended.
    func run(
        _ arguments: [String], sending signal: Int32, after sign: @Sendable (String) -> Bool
    ) async throws -> (lines: [String], status: ExitStatus?) {
        let child = try start(arguments)
        defer { withExtendedLifetime(child) {} }
        var lines: [String] = []
        var status: ExitStatus?
        var isSent = false
        for await event in child.events {
            switch event {
            case .line(let line):
                lines.append(line)
                guard !isSent, sign(line) else { continue }
                isSent = true
                killpg(child.pid, signal)
            case .ended(let end): status = end
            }
        }
        return (lines, status)
    }
}
