import Files
import Glibc
import Pipeline

/// A failure that any kind of stage may have, caused by its inputs or options.
package enum StageError: LastingError, CustomStringConvertible, Hashable {
    case unknownQuestion(String, input: String)
    case missingAnswer(question: String)
    case otherTask(String, input: String, task: String)
    case empty(String, input: String)
    case repeatedTrace(String, question: String, sample: Int)
    case tooLong(question: String, tokens: Int, limit: Int)
    case cutPrompt(question: String, tokens: Int, cutoff: Int)
    case longPrompt(question: String, tokens: Int, new: Int, limit: Int)
    case unreadable(String, reason: String)
    case uncopied(String, to: String, reason: String)

    package var description: String {
        switch self {
        case .unknownQuestion(let id, let input):
            "\(input) has the question \(id), which `questions` does not: give the questions that the traces were drawn for"
        case .missingAnswer(let id):
            "the question \(id) has no reference answer, which this stage needs"
        case .otherTask(let other, let input, let task):
            "the input `\(input)` has questions of the task \(other), which texts of the task \(task) cannot contain: give only questions of \(task)"
        case .empty(let what, let input):
            "the input `\(input)` has no \(what): nothing is left to work on"
        case .repeatedTrace(let input, let question, let sample):
            "`\(input)` has trace \(sample) of \(question) twice: gather only what was drawn together, in shards"
        case .tooLong(let id, let tokens, let limit):
            "the example of question \(id) has \(tokens) tokens, but the context of the model has \(limit): filter out longer traces"
        case .cutPrompt(let id, let tokens, let cutoff):
            "the prompt of question \(id) has \(tokens) tokens, of which `cutoff_length: \(cutoff)` leaves nothing to learn: raise it, or leave the question out"
        case .longPrompt(let id, let tokens, let new, let limit):
            "the prompt of question \(id) has \(tokens) tokens, which with \(new) new ones do not fit the model's context of \(limit): lower `max_tokens`, or leave the question out"
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .uncopied(let path, let target, let reason):
            "cannot copy \(path) to \(target): \(reason)"
        }
    }

    /// Failures of files may be temporary; all others are permanent.
    package var isLasting: Bool {
        switch self {
        case .unreadable, .uncopied: false
        default: true
        }
    }
}

extension StageError: LineFailure {
    package init(unreadable path: String, code: Int32) {
        self = .unreadable(path, reason: String(cString: strerror(code)))
    }

    package init(_ problem: LineProblem, line: Int, of path: String) {
        let reason =
            switch problem {
            case .notUTF8: "its line \(line) is not UTF-8"
            case .tooLong(let limit): "its line \(line) is longer than \(limit >> 20) MiB"
            }
        self = .unreadable(path, reason: reason)
    }
}
