import Inference
import LanguageModel
import Pipeline
import Reasoning
import RowQuery

/// The mistakes that the checks of the stage kinds find.
extension OptionMistake {
    static let noProgram = OptionMistake(
        at: .option("run"), message: "`run` is empty", remedy: "name the program and its arguments")
    static let needlessHint = OptionMistake(
        at: .option("hint"), message: "`hint: random` requires `conditioning: posterior`")

    // Verifiers.
    static let noVerifierCommand = OptionMistake(
        at: .option("verifier"), .option("fallback"),
        message: "the verifier 'external' needs `command`",
        remedy: "the program and its arguments")
    static let needlessVerifierCommand = OptionMistake(
        at: .option("command"),
        message: "`command` requires `verifier: external` or `fallback: external`")
    static let needlessFallback = OptionMistake(
        at: .option("fallback"), message: "`fallback` requires a built-in verifier",
        remedy: "leave it out, or `verifier: external`")

    /// An input that `options` need.
    static func missingInput(
        _ input: String, for options: Place..., because reason: String
    ) -> OptionMistake {
        OptionMistake(
            places: options, message: "the input `\(input)` is needed", remedy: reason)
    }

    static func unusedInput(_ input: String, option: String) -> OptionMistake {
        OptionMistake(
            at: .input(input), message: "the input `\(input)` is used only with `\(option)`",
            remedy: "set `\(option)`, or leave the input out")
    }

    /// Inputs that are paired by position gather different numbers of artifacts.
    static func unequalInputs(
        _ first: String, _ count: Int, _ second: String, _ other: Int,
        per what: String = "replicate"
    ) -> OptionMistake {
        OptionMistake(
            at: .input(second), message: "`\(first)` gathers \(count) and `\(second)` \(other)",
            remedy: "give one of each per \(what), in the same order")
    }

    static let comparedWithItself = OptionMistake(
        at: .option("primary"), message: "`primary` is the arm of `main`",
        remedy: "name the arm that the method is compared with")

    // Filters.
    static func crossedLimits(
        _ least: String, _ lower: Int, _ most: String, _ upper: Int
    ) -> OptionMistake {
        OptionMistake(
            at: .option(least), .option(most),
            message: "`\(least)` is \(lower), but `\(most)` is \(upper)",
            remedy: "no count satisfies both")
    }

    /// An SQL expression that SQLite rejects.
    static func badPredicate(_ error: RowQueryError, option: String) -> OptionMistake {
        OptionMistake(
            at: .option(option), message: "`\(option)` cannot be used", remedy: "\(error)")
    }

    // Inference servers.
    static func badServer(_ text: String) -> OptionMistake {
        OptionMistake(
            at: .option("backend"), message: "`backend.urls` has '\(text)'",
            remedy: "write http://host:port, or the absolute path of a file with the address")
    }

    static let noServer = OptionMistake(
        at: .option("backend"), message: "`backend` has neither `urls` nor `program`",
        remedy:
            "write the address of a running server, such as http://host:8000, or the program that the stage starts, such as vllm"
    )

    static let noServedModel = OptionMistake(
        at: .option("backend"), message: "`backend.model` is missing",
        remedy: "write the name under which the servers know the model")

    /// A field that only the program of a server has.
    static func needsServerProgram(_ field: String) -> OptionMistake {
        OptionMistake(
            at: .option("backend"), message: "`backend` has `\(field)`, but no `program`",
            remedy: "running servers have their own settings; leave it out")
    }

    /// A field that only running servers have.
    static func withServerProgram(_ field: String) -> OptionMistake {
        OptionMistake(
            at: .option("backend"), message: "`backend` has both `program` and `\(field)`",
            remedy: "leave one of them out; the stage chooses address, name and key of its program")
    }

    static func cannotStart(_ kind: ServerKind) -> OptionMistake {
        OptionMistake(
            at: .option("backend"), message: "`backend.program` cannot start \(kind.rawValue)",
            remedy: "start the server yourself, and write its address in `urls`")
    }

    static func keptServerField(_ field: String, in table: String) -> OptionMistake {
        OptionMistake(
            at: .option("backend"),
            message: "`backend.\(table)` has `\(field)`, which the stage sets",
            remedy: "leave it out")
    }

    static func badServerVariable(_ name: String) -> OptionMistake {
        OptionMistake(
            at: .option("backend"),
            message: "`backend.variables` has no usable value for `\(name)`",
            remedy: "write a text or a number")
    }

    static func cannotScore(_ kind: ServerKind) -> OptionMistake {
        OptionMistake(
            at: .option("backend"), message: "\(InferenceError.cannotScore(kind))")
    }

    // Training.
    static func longWarmup(_ warmup: Int, steps: Int) -> OptionMistake {
        OptionMistake(
            at: .option("warmup"), .option("steps"),
            message: "the warm-up of \(warmup) steps is longer than the training of \(steps)",
            remedy: "the highest rate is never reached; lower `warmup`, or train longer")
    }

    static func uncounted(option: String, needs other: String) -> OptionMistake {
        OptionMistake(
            at: .option(option), message: "`\(option)` requires `\(other)`",
            remedy: "set `\(other)`, or `\(option): 0`")
    }

    static func tooManyMinibatches(_ count: Int, batch: Int) -> OptionMistake {
        OptionMistake(
            at: .option("minibatches"), .option("batch"),
            message: "`minibatches` is \(count), but a batch has only \(batch) questions",
            remedy: "lower it, or raise `batch`")
    }

    /// A filter gives a reference answer with another token the probability 0.
    static func filteredReference(_ option: String, reward: String) -> OptionMistake {
        OptionMistake(
            at: .option(option), .option("reward"),
            message:
                "`\(option)` may remove tokens of the reference answer that `reward: \(reward)` scores",
            remedy: "leave it out, or set `reward: verdict`")
    }

    static func needsVerdicts(_ option: String, reward: String) -> OptionMistake {
        OptionMistake(
            at: .option(option), .option("reward"),
            message: "`\(option)` has no effect with `reward: \(reward)`",
            remedy: "leave it out, or set `reward: verdict`")
    }

    static let highestUnfinished = OptionMistake(
        at: .option("reward_other"), .option("reward"),
        message: "with `reward: log-likelihood`, `reward_other` must be below 0",
        remedy:
            "it is the reward of a trace without end; set it below the log-likelihood of most reference answers, such as -60"
    )

    // Training engines.
    static func unsupported(
        _ setting: String, by engine: TrainingEngine, instead other: String
    ) -> OptionMistake {
        let option = String(setting.prefix { $0 != ":" })
        return OptionMistake(
            at: .option(option), .option("engine"),
            message: "`engine: \(engine.rawValue)` does not have `\(setting)`",
            remedy: engine.isReinforcing || engine == .weighted
                ? "set `\(other)`" : "set `\(other)`, or `engine: weighted`")
    }

    static func unusedInput(_ input: String, by engine: TrainingEngine) -> OptionMistake {
        OptionMistake(
            at: .input(input),
            message: "`engine: \(engine.rawValue)` does not use the input `\(input)`",
            remedy: "leave it out, or change `engine`")
    }

    static func missingInput(_ input: String, by engine: TrainingEngine) -> OptionMistake {
        missingInput(
            input, for: .option("engine"), because: "`engine: \(engine.rawValue)` learns from it")
    }

    static func reinforcementOption(_ option: String) -> OptionMistake {
        OptionMistake(
            at: .option(option), message: "`\(option)` requires `engine: trl-grpo`",
            remedy: "leave it out, or change `engine`")
    }

    static func indivisibleRollouts(_ count: Int, by steps: Int) -> OptionMistake {
        OptionMistake(
            at: .option("minibatches"), .option("batch"),
            message: "\(count) rollouts of a batch cannot be divided among \(steps) minibatches",
            remedy: "change `batch`, `group` or `minibatches`")
    }

    static func indivisibleBatch(
        _ count: Int, by divisor: Int, unit: String, of engine: TrainingEngine
    ) -> OptionMistake {
        let factors = engine.isReinforcing ? "`batch`, `group`" : "`batch`, `accumulate`"
        return OptionMistake(
            at: .option("device_batch"), .option("batch"),
            message: "\(count) sequences per step cannot be divided among \(divisor) \(unit)",
            remedy: "change \(factors) or `device_batch`")
    }

    static func otherNodes(_ count: Int, resources given: Int) -> OptionMistake {
        OptionMistake(
            at: .option("nodes"), .resource("nodes"),
            message: "`nodes` is \(count), but `resources.nodes` is \(given)",
            remedy: "set both to the number of machines that train")
    }

    static func settingWithOption(_ field: String, option: String) -> OptionMistake {
        OptionMistake(
            at: .option("settings"), message: "`settings` has `\(field)`",
            remedy: "set the option `\(option)` of the stage instead")
    }

    static func keptSetting(_ field: String) -> OptionMistake {
        OptionMistake(
            at: .option("settings"), message: "`settings` has `\(field)`, which the stage sets",
            remedy: "leave it out")
    }

    static func unknownSetting(_ field: String, known: [String]) -> OptionMistake {
        OptionMistake(
            at: .option("settings"),
            message: known.contains(field)
                ? "`settings.\(field)` has a value of another type"
                : "`engine: weighted` has no setting `\(field)`",
            remedy:
                "it has `attention`, a name such as `sdpa`, and `gradient_checkpointing`, `true` or `false`"
        )
    }

    /// A shape of a model that the engine does not support.
    static func badShape(option: String, reason: String) -> OptionMistake {
        OptionMistake(
            at: .option(option),
            message: "\(LanguageModelError.shape("`\(option)`: \(reason)"))")
    }

    static func badMixture(_ error: ReasoningError) -> OptionMistake {
        OptionMistake(at: .option("mixture"), message: "\(error)")
    }

    static let hintedMixture = OptionMistake(
        at: .option("hinted"), .option("mixture"),
        message: "`hinted` and `mixture` both set the share of documents with a hint",
        remedy: "give only one of them")

    // Tokenizers.
    static func badSpecialToken(_ token: String, reason: String) -> OptionMistake {
        OptionMistake(
            at: .option("special_tokens"),
            message: "`special_tokens` has '\(token)', but \(reason)")
    }

    static func smallVocabulary(_ size: Int, least: Int) -> OptionMistake {
        OptionMistake(
            at: .option("vocabulary_size"), .option("special_tokens"),
            message:
                "`vocabulary_size` is \(size), but the bytes and special tokens alone are \(least)")
    }

    static let noTexts = OptionMistake(
        at: .option("files"), message: "there is no text to learn from",
        remedy: "give `questions`, `data` or `files` that contain words")

    // Data sets.
    static func badShares(_ error: ReasoningError) -> OptionMistake {
        OptionMistake(at: .option("shares"), message: "\(error)")
    }

    static func badCondition(_ text: String) -> OptionMistake {
        OptionMistake(
            at: .option("where"), message: "`where` has '\(text)'",
            remedy: "write a field, `=` and a pattern, such as url=*2024*")
    }

    static func badMarkers(option: String, count: Int) -> OptionMistake {
        OptionMistake(
            at: .option(option), message: "`\(option)` has \(count) texts",
            remedy: "give two, the markers around the part")
    }

    /// An option that `other` is a part of.
    static func missingOption(_ option: String, for other: String) -> OptionMistake {
        OptionMistake(
            at: .option(other), message: "the option `\(option)` is needed",
            remedy: "`\(other)` is a part of it")
    }

    static let noAnswer = OptionMistake(
        at: .option("solution"), .option("preset"), message: "`solution` alone gives no answer",
        remedy: "set `answer`, or set `extract` to how the solution states it")
}
