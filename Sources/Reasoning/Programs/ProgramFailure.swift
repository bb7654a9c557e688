/// How a program failed a test.
package enum ProgramFailure: Hashable, Sendable {
    /// `problem` says how the output differs.
    case wrongAnswer(problem: String)
    case timeLimit(seconds: Int)
    case memoryLimit(mebibytes: Int)
    case outputLimit(bytes: Int)
    /// The last line of the error message, or the exit status.
    case runtimeError(String)

    /// The reason of a verdict. Tests are numbered from 1.
    package func reason(test: Int) -> String {
        switch self {
        case .wrongAnswer(let problem): "wrong answer on test \(test): \(problem)"
        case .timeLimit(let seconds): "time limit on test \(test): over \(seconds) s"
        case .memoryLimit(let mebibytes): "memory limit on test \(test): over \(mebibytes) MiB"
        case .outputLimit(let bytes): "output limit on test \(test): over \(bytes >> 20) MiB"
        case .runtimeError(let message):
            "runtime error on test \(test): \(Array(message.utf8)[...].shown)"
        }
    }
}
