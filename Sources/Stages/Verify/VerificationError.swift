import Pipeline
import Processes
import Reasoning

/// A failure of a stage that verifies answers.
package enum VerificationError: LastingError, CustomStringConvertible, Hashable {
    case unsupportedTask(String)
    case unjudged(Int, of: Int, limit: Double, question: String, reason: String, asksProgram: Bool)
    case verifierStart(String, status: String, lastLine: String)
    case verifierSilence(String, seconds: Int)
    case verifierAnswer(String, answer: String, problem: String)
    case verifierTimeouts(String, count: Int, seconds: String)
    case verifierCrashes(String, count: Int, status: String, lastLine: String)
    case sandbox(SandboxError)
    case interpreterChanged(from: String, to: String)

    package var description: String {
        switch self {
        case .unsupportedTask(let task):
            "the task '\(task)' is not the name of a verifier: set `verifier`, or `task` of `ingest.jsonl`, to one of "
                + (Verifier.allCases.map(\.rawValue) + [ProgramVerifier.name])
                .joined(separator: ", ")
        case .unjudged(let count, let answers, let limit, let question, let reason, let asksProgram):
            "\(count) of \(answers) answers are not judged, more than the share of \(limit) that `unjudged_limit` allows, such as one to the question \(question) (\(reason)): \(asksProgram ? "find out why the program cannot judge them" : "use a program with `fallback: external`"), or raise `unjudged_limit`"
        case .verifierStart(let command, let status, let lastLine):
            "the verifier '\(command)' \(status) before it answered anything"
                + MessageText.lastLine(lastLine)
        case .verifierSilence(let command, let seconds):
            "the verifier '\(command)' has not answered a first request within \(seconds) s: it must answer each line at once and flush its output"
        case .verifierAnswer(let command, let answer, let problem):
            "the verifier '\(command)' answered '\(answer)', in which \(problem)"
        case .verifierTimeouts(let command, let count, let seconds):
            "the verifier '\(command)' took over \(seconds) s for each of \(count) answers in a row: find out why it is slow, or raise `timeout`"
        case .verifierCrashes(let command, let count, let status, let lastLine):
            "the verifier '\(command)' \(status), \(count) times in a row"
                + MessageText.lastLine(lastLine)
        case .sandbox(let error): "\(error)"
        case .interpreterChanged(let old, let new):
            "this stage began to judge programs with \(old), but 'python3' is now \(new): resume it where \(old) is installed, or change an option such as `time_limit` to begin anew"
        }
    }

    /// Failures of programs and files may be temporary.
    package var isLasting: Bool {
        switch self {
        case .verifierStart, .verifierSilence, .verifierTimeouts, .verifierCrashes: false
        case .sandbox(.failed): false
        default: true
        }
    }
}
