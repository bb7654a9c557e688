import Files
import Glibc
import Pipeline
import Reasoning

/// A failure of a stage that is caused by its inputs or options.
package enum StageError: LastingError, CustomStringConvertible, Hashable {
    case unknownQuestion(String, input: String)
    case missingAnswer(question: String)
    case unsupportedTask(String)
    case missingLimit(task: String)
    case missingProposal(question: String, sample: Int)
    case notEnumerable(task: String, instead: String)
    case noVerifiedAnswer(question: String, sample: Int)
    case unreadableTraces(task: String)
    case unjudged(Int, of: Int, limit: Double, question: String, reason: String, asksProgram: Bool)
    case verifierStart(String, status: String, lastLine: String)
    case verifierSilence(String, seconds: Int)
    case verifierAnswer(String, answer: String, problem: String)
    case verifierTimeouts(String, count: Int, seconds: String)
    case verifierCrashes(String, count: Int, status: String, lastLine: String)
    case empty(String, input: String)
    case missingScore(question: String, sample: Int, conditioning: String)
    case missingTrace(question: String, sample: Int)
    case repeatedTrace(String, question: String, sample: Int)
    case summedScore(question: String, sample: Int)
    case missingText(question: String, sample: Int, rollout: Int)
    case tooLong(question: String, tokens: Int, limit: Int)
    case longPrompt(question: String, tokens: Int, new: Int, limit: Int)
    case divergence(step: Int, quantity: String, batch: [String], alone: [String])
    case validation(step: Int, example: Int)
    case infiniteGradient(question: String)
    case repeatedArm(String, replicate: Int?)
    case otherReplicates(String, [String], String, [String])
    case otherQuestions(String, String, example: String, replicate: Int?)
    case repeatedSummaries(String, replicate: Int?, step: Int)
    case unrolledQuestion(String)
    case fewRollouts(question: String, rollouts: Int, group: Int)
    case unreadable(String, reason: String)
    case uncopied(String, to: String, reason: String)
    case noQuestions(excluded: Int, reason: String?)
    case blanksInGathered(String)
    case longArguments(bytes: Int, limit: Int, isOne: Bool)
    case unwritable(String, reason: String)
    case command(status: String, lastLine: String)
    case missingOutput(String)
    case leftovers([String], seconds: Int)
    case replacedOutput(String)
    case missingSecret(String)
    case shortSecret(String, least: Int)
    case secretInOutput(String, output: String, file: String)

    package var description: String {
        switch self {
        case .unknownQuestion(let id, let input):
            "\(input) has the question \(id), which `questions` does not: give the questions that the traces were drawn for"
        case .missingAnswer(let id):
            "the question \(id) has no reference answer, which this stage needs"
        case .missingProposal(let question, let sample):
            "trace \(sample) of \(question) has no log-probability under the distribution it was drawn from: set `proposal: untempered` and give `posterior`"
        case .missingLimit(let task):
            "the task '\(task)' has no limit of its own: set `max_tokens`"
        case .unreadableTraces(let task):
            "traces of the task '\(task)' cannot be analysed: only those of generated tasks can"
        case .notEnumerable(let task, let setting):
            "the answers to questions of the task '\(task)' cannot be enumerated: set `\(setting)`"
        case .noVerifiedAnswer(let question, let sample):
            "trace \(sample) of \(question) has a weight, but no correct answer among `answers`: give the answers and verdicts that it was weighed with, or set `answers: reference`"
        case .unsupportedTask(let task):
            "the task '\(task)' is not the name of a verifier: set `verifier`, or `task` of `ingest.jsonl`, to one of "
                + Verifier.allCases.map(\.rawValue).joined(separator: ", ")
        case .unjudged(let count, let answers, let limit, let question, let reason, let asksProgram):
            "\(count) of \(answers) answers are not judged, more than the share of \(limit) that `unjudged_limit` allows, such as one to the question \(question) (\(reason)): \(asksProgram ? "find out why the program cannot judge them" : "use a program with `fallback: external`"), or raise `unjudged_limit`"
        case .verifierStart(let command, let status, let lastLine):
            "the verifier '\(command)' \(status) before it answered anything"
                + Self.last(lastLine)
        case .verifierSilence(let command, let seconds):
            "the verifier '\(command)' has not answered a first request within \(seconds) s: it must answer each line at once and flush its output"
        case .verifierAnswer(let command, let answer, let problem):
            "the verifier '\(command)' answered '\(answer)', in which \(problem)"
        case .verifierTimeouts(let command, let count, let seconds):
            "the verifier '\(command)' took over \(seconds) s for each of \(count) answers in a row: find out why it is slow, or raise `timeout`"
        case .verifierCrashes(let command, let count, let status, let lastLine):
            "the verifier '\(command)' \(status), \(count) times in a row" + Self.last(lastLine)
        case .empty(let what, let input):
            "the input `\(input)` has no \(what): nothing is left to work on"
        case .missingScore(let question, let sample, let conditioning):
            "trace \(sample) of \(question) has no \(conditioning) score: score the same traces under both models"
        case .missingTrace(let question, let sample):
            "trace \(sample) of \(question) has a weight, but is not among `traces`: give the traces that were weighed"
        case .repeatedTrace(let input, let question, let sample):
            "`\(input)` has trace \(sample) of \(question) twice: gather only what was drawn together, in shards"
        case .summedScore(let question, let sample):
            "the score after trace \(sample) of \(question) is a sum over answers, which has no geometric mean: set `answers: reference` of `score`, or `answer_likelihood: likelihood`"
        case .missingText(let question, let sample, let rollout):
            "answer \(rollout) after trace \(sample) of \(question) has a verdict, but is not among `answers`: give the answers that were verified"
        case .tooLong(let id, let tokens, let limit):
            "the example of question \(id) has \(tokens) tokens, but the context of the model has \(limit): filter out longer traces"
        case .longPrompt(let id, let tokens, let new, let limit):
            "the prompt of question \(id) has \(tokens) tokens, which with \(new) new ones do not fit the model's context of \(limit): lower `max_tokens`, or leave the question out"
        case .divergence(let step, let quantity, let batch, let alone):
            "training diverged at step \(step): the \(quantity) is not finite, "
                + (alone.isEmpty
                    ? "although it is for each alone of"
                    : "even alone for \(Self.listed(alone)), in the batch of")
                + " \(Self.listed(batch)): "
                + (alone.isEmpty || alone.count == batch.count
                    ? "lower the learning rate"
                    : "check its content, or lower the learning rate")
        case .validation(let step, let example):
            "the loss of example \(example) of `validation` is not finite after step \(step): lower the learning rate"
        case .infiniteGradient(let id):
            "the gradient of question \(id) is not finite: give a model whose training did not diverge"
        case .repeatedArm(let label, let replicate):
            "two evaluations are labelled '\(label)' \(Self.named(replicate)): give each its own `label` or `replicate`"
        case .otherReplicates(let first, let own, let second, let others):
            "\(first) has the replicates \(Self.listed(own)), \(second) has \(Self.listed(others)): compare models of the same replicates"
        case .otherQuestions(let first, let second, let example, let replicate):
            "\(first) and \(second) \(Self.named(replicate)) do not have the same questions, such as \(example): measure both on the same"
        case .repeatedSummaries(let input, let replicate, let step):
            "two of `\(input)` are of step \(step) \(Self.named(replicate)): give each its own `replicate` or `step`"
        case .unrolledQuestion(let id):
            "`weights` has the question \(id), which `prior_rollouts` does not have: draw rollouts for all questions that traces were drawn for"
        case .fewRollouts(let id, let count, let group):
            "the question \(id) has \(count) rollouts, half of which methods learn from, but `groups` has \(group): draw \(2 * group) or more per question, or lower `groups`"
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .uncopied(let path, let target, let reason):
            "cannot copy \(path) to \(target): \(reason)"
        case .noQuestions(let excluded, let reason):
            "the files hold no question"
                + (reason.map { ": all \(excluded) records were left out, the first as \($0)" }
                    ?? "")
        case .blanksInGathered(let name):
            "directories of the input `\(name)` have blanks in their paths, so that inside a longer text they "
                + "cannot be told apart: write ${in.\(name)} as an element of its own, or "
                + "${in.\(name).manifest}, a file that lists them"
        case .longArguments(let bytes, let limit, let isOne):
            (isOne ? "an argument has" : "the arguments and the environment have")
                + " \(bytes) bytes, but the system takes \(limit): name gathered inputs by "
                + "${in.NAME.manifest}, a file that lists them, and long texts by a file"
        case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
        case .command(let status, let lastLine):
            "the command \(status)" + Self.last(lastLine)
        case .missingOutput(let name):
            "the command succeeded but left the output `\(name)` empty: write files into ${out.\(name)}"
        case .leftovers(let processes, let seconds):
            "the command ended, but left processes running that wrote nothing for \(seconds) s and were ended: "
                + "\(Self.listed(processes)): wait for it in the command, such as with `wait` in a shell, or end it there"
        case .replacedOutput(let name):
            "the command put something else in place of the directory of the output `\(name)`: write files into ${out.\(name)}"
        case .shortSecret(let name, let least):
            "the value of the secret \(name) has fewer than \(least) bytes, which occur in unrelated text: use a longer one, or list it in `environment`"
        case .missingSecret(let name):
            "the secret \(name) is not set: set the variable before `vireo run`"
        case .secretInOutput(let name, let output, let file):
            "the output `\(output)` held the value of the secret \(name) in \(file), which was removed: do not write it to outputs"
        }
    }

    /// Failures of programs and files may be temporary; all others are permanent.
    package var isLasting: Bool {
        switch self {
        case .command, .leftovers, .missingOutput, .unreadable, .unwritable, .uncopied,
            .verifierStart, .verifierSilence, .verifierTimeouts, .verifierCrashes:
            false
        default: true
        }
    }

    private static func named(_ replicate: Int?) -> String {
        replicate.map { "in replicate \($0)" } ?? "without a replicate"
    }

    /// Longer lines are shortened in messages, in bytes; the log has them in full.
    private static let longestLine = 500

    private static func last(_ line: String) -> String {
        let isLong = line.utf8.count > longestLine
        return line.isEmpty
            ? ""
            : "; its last line: "
                + (isLong ? "\(line.prefix(longestLine))… (\(line.utf8.count) bytes)" : line)
    }

    /// The first hundred names, and the number of further ones.
    private static func listed(_ names: [String]) -> String {
        var listed: Set<String> = []
        let names = names.filter { listed.insert($0).inserted }
        let more = names.count - 100
        return names.prefix(100).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
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
