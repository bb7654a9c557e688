import Pipeline

/// A failure of a training engine.
package enum EngineError: LastingError, CustomStringConvertible, Hashable {
    case noPython(String)
    case noVersions(python: String, status: String, lastLine: String)
    case missingPackage(String, engine: String, python: String)
    case otherVersion(String, declared: String, found: String)
    case weightedExample(question: String, weight: Double, engine: String)
    case noEndToken(String)
    case unknownPrompt(Int)
    case data(status: String, lastLine: String)
    case nodes(wanted: Int, given: Int)
    case noAddress(node: String)
    case unwritable(String, reason: String)
    case unfinished(engine: String, status: String, step: Int, steps: Int, lastLine: String)
    case badModel(String)

    package var description: String {
        switch self {
        case .noPython(let python):
            "cannot find the program '\(python)': set `python` to the Python in which the engine is installed"
        case .noVersions(let python, let status, let lastLine):
            "'\(python)' \(status) when asked for the versions of its packages"
                + MessageText.lastLine(lastLine)
        case .missingPackage(let package, let engine, let python):
            "'\(python)' has no package '\(package)', which `engine: \(engine)` needs: install it there, or set `python` to the Python that has it"
        case .otherVersion(let package, let declared, let found):
            "`version` is \(declared), but \(package) \(found) is installed: install the declared version, or change `version`, which trains the model again"
        case .weightedExample(let question, let weight, let engine):
            "the example of question \(question) has the weight \(weight), which `engine: \(engine)` would ignore: use `engine: weighted`, or examples of weight 1"
        case .noEndToken(let mark):
            "the tokenizer has no token for '\(mark)', with which an answer ends, and the engine needs one: use another `format`, or a tokenizer with this token"
        case .unknownPrompt(let number):
            "the engine asks for the reward of an answer to prompt \(number), which does not exist"
        case .data(let status, let lastLine):
            "the conversion of the examples \(status)" + MessageText.lastLine(lastLine)
        case .nodes(let wanted, let given):
            "`nodes` is \(wanted), but the stage runs on \(given): set `resources: { nodes: \(wanted) }`, and run it on a cluster"
        case .noAddress(let node):
            "scontrol does not tell the address of the node \(node), where the processes of all nodes meet"
        case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
        case .unfinished(let engine, let status, let step, let steps, let lastLine):
            "\(engine) \(status) after step \(step) of \(steps)" + MessageText.lastLine(lastLine)
        case .badModel(let reason):
            "the trained model cannot be used: \(reason)"
        }
    }

    /// A program that ends too early may have lacked memory or a device; the next attempt goes on from its checkpoints.
    package var isLasting: Bool {
        switch self {
        case .noVersions, .data, .noAddress, .unwritable, .unfinished: false
        default: true
        }
    }
}
