import Foundation
import Synchronization

/// A program that has run to its end, or was killed because it took too long.
package struct ProgramRun: Sendable {
    package let status: ExitStatus
    package let output: String
    package let errors: String

    /// Whether the program was killed at the time limit.
    package let isLate: Bool

    package var isSuccess: Bool { status.isSuccess && !isLate }

    /// The largest output that is kept, in bytes; the rest is dropped.
    private static let limit = 64 << 20

    /// Runs a program with an empty standard input. When the task is cancelled, the program is killed. Throws if it
    /// cannot be started.
    package init(
        _ executable: String, _ arguments: [String], environment: [String: String],
        limit: Duration
    ) async throws(SpawnError) {
        let texts = Texts()
        var launch = ChildProcess.Launch(
            executable: executable, arguments: arguments, environment: environment,
            output: .lines, errors: .lines, receive: { texts.add($0, isOutput: true) })
        launch.receiveErrors = { texts.add($0, isOutput: false) }
        let child = try ChildProcess(launch)
        let ending = await withTaskCancellationHandler {
            await withTaskGroup(of: ExitStatus?.self) { group in
                group.addTask {
                    for await case .ended(let status) in child.events { return status }
                    return nil
                }
                group.addTask {
                    do {
                        try await Task.sleep(for: limit)
                        texts.isLate.store(true, ordering: .relaxed)
                        child.kill()
                    } catch {
                        // The program has ended.
                    }
                    return nil
                }
                var ending: ExitStatus?
                while ending == nil, let next = await group.next() { ending = next }
                group.cancelAll()
                return ending
            }
        } onCancel: {
            child.kill()
        }
        guard let ending else { preconditionFailure("a child's events end with its end") }
        status = ending
        self.isLate = texts.isLate.load(ordering: .relaxed)
        (output, errors) = texts.all
    }

    /// What a program writes. A class, because the thread that reads the pipes shares it with the task that waits.
    private final class Texts: Sendable {
        private let bytes = Mutex<(output: [UInt8], errors: [UInt8])>(([], []))
        let isLate = Atomic(false)

        func add(_ piece: UnsafeRawBufferPointer, isOutput: Bool) -> Bool {
            bytes.withLock { bytes in
                if isOutput {
                    bytes.output += piece.prefix(max(0, ProgramRun.limit - bytes.output.count))
                } else {
                    bytes.errors += piece.prefix(max(0, ProgramRun.limit - bytes.errors.count))
                }
            }
            return true
        }

        var all: (output: String, errors: String) {
            bytes.withLock {
                (
                    String(decoding: $0.output, as: UTF8.self),
                    String(decoding: $0.errors, as: UTF8.self)
                )
            }
        }
    }
}

/// The search for a program in `PATH`.
package enum ProgramSearch {
    /// The path of the program, searched for as a shell does. Throws if there is none.
    package static func path(of program: String, in searchPath: String) throws(SpawnError) -> String
    {
        if program.contains("/") { return program }
        for directory in searchPath.split(separator: ":") {
            let path = "\(directory)/\(program)"
            var status = stat()
            if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(path, X_OK) == 0
            {
                return path
            }
        }
        throw SpawnError(executable: program, reason: "not found in PATH")
    }
}
