/// A program outside of Vireo that trains models.
package enum TrainingEngine: String, CaseIterable, Sendable {
    /// The trainer that comes with Vireo: the loss of `train.sft` in torch.
    case weighted
    case llamaFactory = "llama-factory"
    case trl = "trl-sft"
    case grpo = "trl-grpo"

    /// The Python package whose version the option `version` declares.
    var package: String {
        switch self {
        case .weighted: "torch"
        case .llamaFactory: "llamafactory"
        case .trl, .grpo: "trl"
        }
    }

    /// The packages whose versions are recorded.
    var packages: [String] { [package, "transformers"] + (self == .weighted ? [] : ["torch"]) }

    /// Whether it is built on the trainer of transformers, which knows neither weights nor a constant normalizer.
    var isHuggingFace: Bool { self != .weighted }

    /// Whether it learns from questions by reinforcement learning, and not from examples.
    var isReinforcing: Bool { self == .grpo }

    /// The arguments of Python, and of torchrun, that start it with the file of its configuration.
    func arguments(script: String, configuration: String) -> [String] {
        switch self {
        case .weighted, .grpo: [script, configuration]
        case .llamaFactory: ["-m", "llamafactory.launcher", configuration]
        case .trl: [script, "--config", configuration]
        }
    }
}
