import JSON
import LanguageModel
import Pipeline

/// The configuration file of an engine on the trainer of transformers.
package struct TrainerSettings {
    private let engine: TrainingEngine
    private let options: Options

    /// The number of optimizer steps.
    private let steps: Int
    private let isValidated: Bool

    /// The token that ends an answer, and the maximum number of tokens of an answer; for reinforcement learning only.
    private let answer: (endToken: Int32, longest: Int)?

    package init(
        engine: TrainingEngine, options: Options, steps: Int, isValidated: Bool = false,
        answer: (endToken: Int32, longest: Int)? = nil
    ) {
        self.engine = engine
        self.options = options
        self.steps = steps
        self.isValidated = isValidated
        self.answer = answer
    }

    /// The paths of an attempt.
    package struct Paths {
        let model: String
        let data: String
        let output: String
        /// The checkpoint to go on from.
        let resume: String?

        package init(model: String, data: String, output: String, resume: String?) {
            self.model = model
            self.data = data
            self.output = output
            self.resume = resume
        }

        /// The prompts, their order, and where their rewards are asked for.
        var prompts: String { data + "/prompts.jsonl" }
        var order: String { data + "/order.jsonl" }
        var rewards: String { data + "/rewards" }
    }

    /// The configuration. `savesWhenStopped` says that the version of transformers can save a checkpoint on SIGTERM.
    package func file(_ paths: Paths, savesWhenStopped: Bool) -> [String: JSONValue] {
        var file = common(paths).merging(ofEngine(paths)) { $1 }
        // It is saved when the rollouts of the next step are drawn already, and after a resume they would be others.
        if savesWhenStopped, !engine.isReinforcing { file["enable_jit_checkpoint"] = .bool(true) }
        return file.merging(Self.defaults) { own, _ in own }
            .merging(options[TrainExternal.settings]) { $1 }
    }

    /// What `settings` may replace.
    private static let defaults: [String: JSONValue] = [
        "report_to": .string("none"), "disable_tqdm": .bool(true), "optim": .string("adamw_torch"),
        "logging_nan_inf_filter": .bool(false),
    ]

    private func common(_ paths: Paths) -> [String: JSONValue] {
        let isBFloat16 = options[TrainExternal.precision] == .bfloat16
        var file: [String: JSONValue] = [
            "model_name_or_path": .string(paths.model), "output_dir": .string(paths.output),
            "logging_strategy": .string("steps"), "logging_steps": .integer(1),
            "save_strategy": .string("steps"),
            "save_steps": .integer(TrainExternal.checkpointSteps(options, of: steps)),
            "save_total_limit": .integer(CheckpointShelf.kept), "save_only_model": .bool(false),
            "max_steps": .integer(steps),
            "per_device_train_batch_size": .integer(deviceBatch),
            "gradient_accumulation_steps": .integer(
                Self.sequences(options) / Self.world(options) / deviceBatch),
            "learning_rate": .number(options[TrainingLoop.learningRate]),
            "warmup_steps": .integer(options[TrainingLoop.warmup] ?? min(50, steps / 4)),
            "weight_decay": .number(options[TrainingLoop.weightDecay]),
            "adam_beta1": .number(options[TrainingLoop.beta1]),
            "adam_beta2": .number(options[TrainingLoop.beta2]),
            "adam_epsilon": .number(options[TrainingLoop.epsilon]),
            "max_grad_norm": .number(options[TrainingLoop.clipNorm]),
            "bf16": .bool(isBFloat16), "fp16": .bool(false),
            "seed": .integer(options[TrainingLoop.seed]),
            "data_seed": .integer(options[TrainingLoop.seed]),
        ]
        let (scheduler, arguments) = schedule
        file["lr_scheduler_type"] = .string(scheduler)
        if !arguments.isEmpty { file["lr_scheduler_kwargs"] = .object(arguments) }
        if isValidated {
            let interval = options[TrainingLoop.evaluateEvery]
            file["eval_strategy"] = .string("steps")
            file["eval_steps"] = .integer(interval > 0 ? interval : steps)
            file["per_device_eval_batch_size"] = .integer(deviceBatch)
        }
        if let resume = paths.resume { file["resume_from_checkpoint"] = .string(resume) }
        return file
    }

    private func ofEngine(_ paths: Paths) -> [String: JSONValue] {
        switch engine {
        case .weighted: return [:]
        case .llamaFactory:
            // The names of data sets are required, and ignored for tokenized data.
            var file: [String: JSONValue] = [
                "stage": .string("sft"), "do_train": .bool(true),
                "finetuning_type": .string("full"), "template": .string("empty"),
                "dataset": .string("examples"), "tokenized_path": .string(paths.data),
                "plot_loss": .bool(false), "trust_remote_code": .bool(false),
            ]
            if isValidated { file["eval_dataset"] = .string("validation") }
            return file
        case .trl:
            return [
                "dataset_name": .string(paths.data), "dataset_train_split": .string("train"),
                "dataset_test_split": .string("validation"), "completion_only_loss": .bool(true),
                "max_length": .null, "dtype": .string("float32"),
            ]
        case .grpo: return reinforcement(paths)
        }
    }

    /// The fields of TRL for the options of `train.rl`, and those of `grpo_trainer.py`.
    private func reinforcement(_ paths: Paths) -> [String: JSONValue] {
        let accumulated = Self.sequences(options) / Self.world(options) / deviceBatch
        var file: [String: JSONValue] = [
            "prompts": .string(paths.prompts), "order": .string(paths.order),
            "rewards": .string(paths.rewards), "shuffle_dataset": .bool(false),
            "steps_per_generation": .integer(accumulated * Self.stepsPerBatch(options)),
            "num_iterations": .integer(1),
            "num_generations": .integer(options[TrainRL.group]),
            "temperature": .number(options[TrainRL.temperature]),
            "top_k": .integer(options[Sampling.topK]), "top_p": .number(options[Sampling.topP]),
            "repetition_penalty": .number(1),
            "beta": .number(options[TrainRL.kl]), "epsilon": .number(options[TrainRL.clipLow]),
            "epsilon_high": .number(options[TrainRL.clipHigh]),
            "importance_sampling_level": .string(options[TrainRL.ratio].rawValue),
            "mask_truncated_completions": .bool(options[TrainRL.maskTruncated]),
            "loss_type": .string(lossType), "scale_rewards": .string(scale),
        ]
        let minP = options[Sampling.minP]
        if minP > 0 { file["min_p"] = .number(minP) }
        if let limit = options[TrainRL.dualClip] { file["delta"] = .number(limit) }
        if let answer {
            file["end_token"] = .integer(Int(answer.endToken))
            file["max_completion_length"] = .integer(answer.longest)
        }
        return file
    }

    /// What divides the centred rewards.
    private var scale: String {
        switch options[ExternalReinforcement.advantage] {
        case .grpoBatchStd: "batch"
        case .drGRPO: "none"
        default: "group"
        }
    }

    /// The divisor of the loss; by default the one that `train.rl` has for the same advantage.
    private var lossType: String {
        switch options[TrainExternal.normalizer] {
        case .rollout: return "grpo"
        case .tokens: return "dapo"
        case .constant: return "dr_grpo"
        case nil: break
        }
        if options[TrainRL.ratio] == .sequence { return "grpo" }
        switch options[ExternalReinforcement.advantage] {
        case .grpoBatchStd: return "dapo"
        case .drGRPO: return "dr_grpo"
        default: return "grpo"
        }
    }

    /// The schedule of the learning rate, and its arguments.
    private var schedule: (name: String, arguments: [String: JSONValue]) {
        let floor = options[TrainingLoop.finalRate]
        switch options[TrainingLoop.schedule] {
        case .constant: return ("constant_with_warmup", [:])
        // The polynomial of transformers must decay.
        case .linear where floor == 1: return ("constant_with_warmup", [:])
        case .cosine where floor == 0: return ("cosine", [:])
        case .cosine: return ("cosine_with_min_lr", ["min_lr_rate": .number(floor)])
        case .linear where floor == 0: return ("linear", [:])
        case .linear:
            let last = floor * options[TrainingLoop.learningRate]
            return ("polynomial", ["lr_end": .number(last), "power": .number(1)])
        }
    }

    // MARK: Batches

    /// The number of sequences of an optimizer step.
    static func sequences(_ options: Options) -> Int {
        guard options[TrainExternal.engine].isReinforcing else {
            return options[TrainingLoop.batch] * options[TrainingLoop.accumulate]
        }
        return options[TrainingLoop.batch] * options[TrainRL.group] / stepsPerBatch(options)
    }

    /// The number of optimizer steps for which the sequences of a batch are there.
    static func stepsPerBatch(_ options: Options) -> Int {
        options[TrainExternal.engine].isReinforcing ? options[TrainRL.minibatches] : 1
    }

    /// The number of processes on all nodes.
    static func world(_ options: Options) -> Int {
        options[TrainExternal.nodes] * options[TrainExternal.processes]
    }

    /// The number of sequences that a process computes at a time: by default the greatest one that divides its share and
    /// is at most `batch`.
    var deviceBatch: Int {
        let share = max(1, Self.sequences(options) / Self.world(options))
        if let batch = options[TrainExternal.deviceBatch] { return batch }
        let most = min(share, options[TrainingLoop.batch])
        return (1...most).last { share % $0 == 0 } ?? 1
    }

    // MARK: Text

    /// The file as text that is both JSON and YAML: parsers of YAML 1.1 take `1e-06` for a text, but not `1.0e-06`.
    package static func text(_ file: [String: JSONValue]) -> String {
        "{\n"
            + file.sorted { $0.key < $1.key }.map {
                "  \(JSONWriter.quote($0.key)): \(text($0.value))"
            }.joined(separator: ",\n") + "\n}\n"
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .number:
            let text = value.canonical
            guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
            return text[..<exponent] + ".0" + text[exponent...]
        case .array(let values): return "[" + values.map(text).joined(separator: ", ") + "]"
        case .object(let members):
            return "{"
                + members.sorted { $0.key < $1.key }.map {
                    "\(JSONWriter.quote($0.key)): \(text($0.value))"
                }.joined(separator: ", ") + "}"
        default: return value.canonical
        }
    }
}
