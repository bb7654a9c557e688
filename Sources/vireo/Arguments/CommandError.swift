import Report

/// An error of a command, with a message for the user.
enum CommandError: Error, Hashable, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case unwritable(path: String, reason: String)
    case output(reason: String)
    case noStore(directory: String)
    case networkStore(directory: String, type: String)
    case noProfile(String, places: [String], suggestion: String?)
    case noBatchProgram(String, profile: String)
    case unbindable(String)
    case setting(String)
    case missing(MissingFiles)
    case unknownStage(String, known: [String], suggestion: String?)
    case unknownKind(String, known: [String])
    case neverRan(String)
    case noRuns
    case unknownRun(Int64)
    case noLog(String, LogAbsence)
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
    case noWebServer
    case noRemotes
    case noRemote(String, known: [String])
    case severalRemotes([String])
    case remoteExists(String, url: String)
    case remoteName(String)
    case remoteURL(String)
    case remotes(path: String, reason: String)
    case noHome

    /// Why a stage has no log.
    enum LogAbsence: Hashable {
        case notStarted(run: Int64)
        /// Its outcome so far.
        case early(String)
        /// Where its result comes from.
        case imported(String)
        case removed(path: String)
    }

    var description: String {
        switch self {
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
        case .output(let reason): "cannot write to standard output: \(reason)"
        case .noStore(let directory):
            "no store found in \(directory) or its parent directories: run a pipeline first, or "
                + "name a store with --store"
        case .networkStore(let directory, let type):
            "the store \(directory) is on a file system of type \(type), whose locks SQLite cannot rely on: put the "
                + "store on a local disk with --store; what nodes share is the directory `shared` of a profile"
        case .noProfile(let name, let places, let suggestion):
            "there is no profile '\(name)': "
                + (suggestion.map { "did you mean '\($0)'? Otherwise " } ?? "")
                + "write \(places.map { "\($0)/\(name).yaml" }.joined(separator: " or "))"
        case .noBatchProgram(let program, let profile):
            "the profile '\(profile)' submits stages to Slurm, but there is no `\(program)` in PATH: log in to a node of "
                + "the cluster, or run here with `--on local`"
        case .unbindable(let path):
            "the directory \(path) cannot be bound in a container, because a colon or a comma in its path would "
                + "separate paths: rename the directory"
        case .setting(let text):
            "'\(text)' is not a parameter setting: write --set NAME=VALUE, such as --set seed=1"
        case .missing(let files): files.text
        case .unknownStage(let name, let known, let suggestion):
            "the pipeline has no stage '\(name)': "
                + (suggestion.map { "did you mean '\($0)'?" }
                    ?? "its stages are \(known.joined(separator: ", "))")
        case .unknownKind(let name, let known):
            "there is no stage kind '\(name)': there are \(known.joined(separator: ", "))"
        case .neverRan(let name):
            "no run has a stage '\(name)': `vireo status` lists the stages of the latest run"
        case .noRuns: "the store has no runs: start one with `vireo run FILE`"
        case .unknownRun(let number): "there is no run \(number): `vireo runs` lists them"
        case .noLog(let stage, .notStarted(let run)):
            "the stage '\(stage)' has no log, because it did not start in run \(run)"
        case .noLog(let stage, .early(let outcome)):
            "the stage '\(stage)' has no log yet: it is \(outcome)"
        case .noLog(let stage, .imported(let origin)):
            "the stage '\(stage)' has no log, because its result was \(origin)"
        case .noLog(let stage, .removed(let path)):
            "the stage '\(stage)' has no log: there is no file \(path)"
        case .notAQuestion(let problems): problems.joined(separator: ", and ")
        case .noModel(let stage, let outputs):
            outputs.isEmpty
                ? "the stage '\(stage)' has not finished yet, so it has no model"
                : "the stage '\(stage)' has no model output, only "
                    + "\(outputs.joined(separator: ", ")): name "
                    + "a stage that trains a model"
        case .line(let path, let line, let problem): "\(path):\(line): \(problem)"
        case .stopToken(let id, let size):
            "--stop-token \(id) is outside the model's vocabulary of \(size) tokens"
        case .stopWithoutTokenizer:
            "--stop needs a tokenizer, but the model has no tokenizer.json: use --stop-token"
        case .noTable(let name):
            "there is no table or view '\(name)': `vireo sql --schema` lists them"
        case .noArtifact(let text):
            "there is no artifact '\(text)': `vireo artifact list` lists them"
        case .severalArtifacts(let text, let found):
            "'\(text)' is ambiguous: it may mean \(found.joined(separator: ", "))"
        case .severalInstances(let stage, let count, let first):
            "the stage '\(stage)' has \(count) instances: choose one, such as '\(first)'"
        case .noOutput(let stage, let output, let known):
            "the stage '\(stage)' has no output '\(output)': its outputs are "
                + "\(known.joined(separator: ", "))"
        case .noFile(let artifact, let path, let known):
            "artifact \(artifact) has no file '\(path)': its files are "
                + (known.prefix(20) + (known.count > 20 ? ["..."] : [])).joined(separator: ", ")
        case .benchmark(let stage): "the stage '\(stage)' of the benchmark failed"
        case .notStarted(let stage, let run):
            "the stage '\(stage)' did not start in run \(run): choose another run"
        case .nothingEarlier(let stage):
            "no earlier run of the pipeline has a different execution of '\(stage)': choose a "
                + "run with --against"
        case .noWebServer:
            "the program vireo-web, which serves the pages, is missing: run `make all`, or put it in PATH"
        case .noRemotes: "there is no remote: name one with `vireo remote add NAME URL`"
        case .noRemote(let name, let known):
            "there is no remote '\(name)': "
                + (known.isEmpty
                    ? "name one with `vireo remote add NAME URL`"
                    : "the remotes are \(known.joined(separator: ", "))")
        case .severalRemotes(let known):
            "there are several remotes: choose one of \(known.joined(separator: ", ")) with --remote"
        case .remoteExists(let name, let url):
            "there is a remote \(name) already, \(url): remove it first, or choose another name"
        case .remoteName(let name):
            "'\(name)' is not a name of a remote: use at most 40 letters, digits, `-`, `_` and `.`, such as team"
        case .remoteURL(let url):
            "'\(url)' is neither a directory nor an rclone remote with a path, such as /shared/vireo or"
                + " s3:bucket/vireo"
        case .remotes(let path, let reason):
            "cannot read the remotes in \(path): \(reason): correct or remove the file"
        case .noHome: "the remotes have no place: set HOME or XDG_CONFIG_HOME"
        }
    }
}

/// The first argument is not a command. The argument parser would only call it unexpected.
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
