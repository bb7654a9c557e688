import Report

/// What keeps a command from its work, in words for whoever typed it.
enum CommandError: Error, Hashable, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case unwritable(path: String, reason: String)
    case output(reason: String)
    case noStore(directory: String)
    case setting(String)
    case unknownStage(String, known: [String], suggestion: String?)
    case unknownKind(String, known: [String])
    case neverRan(String)
    case noRuns
    case unknownRun(Int64)
    case noLog(String, path: String)
    case noModel(String, outputs: [String])
    case notAQuestion([String])
    case line(path: String, line: Int, problem: String)
    case stopToken(Int32, vocabularySize: Int)
    case stopWithoutTokenizer
    case noTable(String)
    case noArtifact(String)
    case severalArtifacts(String, [String])
    case severalInstances(String, count: Int, String)
    case noOutput(String, String, [String])
    case noFile(String, path: String, known: [String])
    case benchmark(String)
    case notStarted(String, run: Int64)
    case nothingEarlier(String)

    var description: String {
        switch self {
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
        case .output(let reason): "cannot write to standard output: \(reason)"
        case .noStore(let directory):
            "there is no store in \(directory) or above it: run a pipeline first, or name a store "
                + "with --store"
        case .setting(let text):
            "'\(text)' sets nothing: write --set NAME=VALUE, such as --set seed=1"
        case .unknownStage(let name, let known, let suggestion):
            "the pipeline has no stage '\(name)': "
                + (suggestion.map { "did you mean '\($0)'?" }
                    ?? "it has \(known.joined(separator: ", "))")
        case .unknownKind(let name, let known):
            "there is no stage kind '\(name)': there are \(known.joined(separator: ", "))"
        case .neverRan(let name):
            "no run has a stage '\(name)': `vireo status` lists the stages of the latest run"
        case .noRuns: "nothing was run yet: start with `vireo run FILE`"
        case .unknownRun(let number): "there is no run \(number): `vireo runs` lists them"
        case .noLog(let stage, let path): "the stage '\(stage)' has no log: there is no \(path)"
        case .notAQuestion(let problems): problems.joined(separator: ", and ")
        case .noModel(let stage, let outputs):
            outputs.isEmpty
                ? "the stage '\(stage)' has not finished yet: it has no model to ask"
                : "the stage '\(stage)' makes no model, but \(outputs.joined(separator: ", ")): name "
                    + "one that trains"
        case .line(let path, let line, let problem): "\(path):\(line): \(problem)"
        case .stopToken(let id, let size):
            "--stop-token \(id) is outside the model's vocabulary of \(size) entries"
        case .stopWithoutTokenizer:
            "--stop takes a text, but the model has no tokenizer.json: use --stop-token"
        case .noTable(let name):
            "there is no table or view '\(name)': `vireo sql --schema` prints all"
        case .noArtifact(let text):
            "no artifact is called '\(text)': `vireo artifact list` lists them"
        case .severalArtifacts(let text, let found):
            "'\(text)' may be \(found.joined(separator: ", ")): name one"
        case .severalInstances(let stage, let count, let first):
            "the stage '\(stage)' has \(count) instances: name one, such as '\(first)'"
        case .noOutput(let stage, let output, let known):
            "the stage '\(stage)' has no output '\(output)': it has \(known.joined(separator: ", "))"
        case .noFile(let artifact, let path, let known):
            "artifact \(artifact) has no file '\(path)': it has "
                + (known.prefix(20) + (known.count > 20 ? ["..."] : [])).joined(separator: ", ")
        case .benchmark(let stage): "the stage '\(stage)' of the benchmark failed"
        case .notStarted(let stage, let run):
            "the stage '\(stage)' did not start in run \(run): name another run"
        case .nothingEarlier(let stage):
            "no earlier run of the pipeline has another execution of '\(stage)': name one with --against"
        }
    }
}

/// A first argument that is no command, which the argument parser would call unexpected.
struct UnknownCommand: Error, Hashable, CustomStringConvertible {
    let name: String

    private static var names: [String] {
        ["help"] + Vireo.commands.compactMap { $0.configuration.commandName }
    }

    var description: String {
        "there is no command '\(name.prefix(80))'; there are "
            + Self.names.filter { $0 != WorkerCommand.name }.sorted().joined(separator: ", ")
    }
}
