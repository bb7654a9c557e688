import Files
import Glibc

/// A program that has run to its end, or was killed because it took too long or because the task was cancelled.
package struct ProgramRun: Sendable {
    package enum Outcome: Hashable, Sendable {
        case ended(ExitStatus.Outcome)
        /// Killed at the time limit.
        case late
        /// Killed because the task was cancelled.
        case cancelled
    }

    package let outcome: Outcome

    /// The lines of standard output.
    package private(set) var output: [String] = []

    /// The last lines of standard error.
    package private(set) var errors: [String] = []

    package var outputText: String { output.joined(separator: "\n") }

    package var isSuccess: Bool { outcome == .ended(.exited(0)) }

    /// The number of lines of standard error that are kept, because a program may write many.
    private static let errorLimit = 100

    /// The time between two checks of the limit and of the task, in milliseconds.
    private static let tick: Int32 = 100

    /// The time that a program gets to end after its output has ended, in milliseconds.
    private static let patience = 5000

    /// Runs a program without input, and blocks the thread until it has ended. With `endsWithTask`, it is killed when
    /// the task is cancelled; otherwise it also runs in a cancelled task. Throws if it cannot be started.
    package init(
        _ executable: String, _ arguments: [String], environment: [String: String],
        limit: Duration, endsWithTask: Bool, in registry: ChildRegistry = ChildRegistry()
    ) throws(SpawnError) {
        let process = try LineProcess(
            executable: executable, arguments: arguments, environment: environment, in: registry)
        let deadline = ContinuousClock.now + limit
        while true {
            let heard = process.listen(milliseconds: Self.tick)
            output += heard.answers
            errors = (errors + heard.remarks).suffix(Self.errorLimit)
            if heard.isOver { break }
            let isCancelled = endsWithTask && Task.isCancelled
            if isCancelled || .now > deadline {
                _ = process.end(within: 0)
                outcome = isCancelled ? .cancelled : .late
                return
            }
        }
        // A program without a status cannot be killed.
        outcome = process.end(within: Self.patience).map { .ended($0.outcome) } ?? .late
    }

    /// The path of a program: a name with a directory is a path itself; any other is the first executable file with
    /// this name in the absolute directories of `PATH`, and `nil` if there is none. A relative directory of `PATH` would
    /// be another one in each working directory.
    package static func path(of program: String, in searchPath: String) -> String? {
        if FilePath.hasDirectory(program) { return program }
        return searchPath.split(separator: ":").map { "\($0)/\(program)" }.first { path in
            FilePath.isAbsolute(path) && FileStamp(of: path)?.isRegular == true
                && access(path, X_OK) == 0
        }
    }

    /// Whether there is a program, given by its path or by a name in `PATH` of `environment`.
    package static func search(_ environment: [String: String]) -> @Sendable (String) -> Bool {
        { program in
            path(of: program, in: environment["PATH"] ?? "").map { access($0, X_OK) == 0 } ?? false
        }
    }

    /// The path as `path(of:in:)` gives it. Throws if there is none.
    package static func requiredPath(
        of program: String, in searchPath: String
    ) throws(SpawnError) -> String {
        if let path = path(of: program, in: searchPath) { return path }
        throw SpawnError(executable: program, reason: "not found in PATH")
    }
}
