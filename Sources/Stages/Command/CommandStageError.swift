import Pipeline

/// A failure of a `command` stage.
package enum CommandStageError: LastingError, CustomStringConvertible, Hashable {
    case blanksInGathered(String)
    case longArguments(bytes: Int, limit: Int, isOne: Bool)
    /// A program that runs others in the environment of the profile: `conda` or `apptainer`.
    case noEnvironmentProgram(String)
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
        case .blanksInGathered(let name):
            "directories of the input `\(name)` have blanks in their paths, so that inside a longer text they "
                + "cannot be told apart: write ${in.\(name)} as an element of its own, or "
                + "${in.\(name).manifest}, a file that lists them"
        case .longArguments(let bytes, let limit, let isOne):
            (isOne ? "an argument has" : "the arguments and the environment have")
                + " \(bytes) bytes, but the system takes \(limit): name gathered inputs by "
                + "${in.NAME.manifest}, a file that lists them, and long texts by a file"
        case .noEnvironmentProgram("apptainer"):
            "the environment of the profile needs the program apptainer or singularity, but neither is in PATH: "
                + "install one of them, or load it with `modules` or `setup` of the profile of a cluster"
        case .noEnvironmentProgram(let name):
            "the environment of the profile needs the program \(name), which is not in PATH, and CONDA_EXE does not "
                + "name it: install it, or load it with `modules` or `setup` of the profile of a cluster"
        case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
        case .command(let status, let lastLine):
            "the command \(status)" + MessageText.lastLine(lastLine)
        case .missingOutput(let name):
            "the command succeeded but left the output `\(name)` empty: write files into ${out.\(name)}"
        case .leftovers(let processes, let seconds):
            "the command exited, but left processes running that wrote nothing for \(seconds) s and were killed: "
                + "\(MessageText.list(processes)): wait for them in the command, such as with `wait` in a shell, or end them there"
        case .replacedOutput(let name):
            "the command put something else in place of the directory of the output `\(name)`: write files into ${out.\(name)}"
        case .missingSecret(let name):
            "the secret \(name) is not set: set the variable before `vireo run`"
        case .shortSecret(let name, let least):
            "the value of the secret \(name) has fewer than \(least) bytes, which may occur in unrelated text: use a longer one, or list it in `environment`"
        case .secretInOutput(let name, let output, let file):
            "the output `\(output)` contained the value of the secret \(name) in \(file), which was removed: do not write it to outputs"
        }
    }

    /// Failures of programs and files may be temporary.
    package var isLasting: Bool {
        switch self {
        case .unwritable, .command, .missingOutput, .leftovers: false
        default: true
        }
    }
}
