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

    package init(engine: TrainingEngine, options: Options, steps: Int, isValidated: Bool) {
        self.engine = engine
        self.options = options
        self.steps = steps
        self.isValidated = isValidated
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
    }

    /// The configuration. `savesWhenStopped` says that the version of transformers can save a checkpoint on SIGTERM.
    package func file(_ paths: Paths, savesWhenStopped: Bool) -> [String: JSONValue] {
        var file = common(paths).merging(ofEngine(paths)) { $1 }
        if savesWhenStopped { file["enable_jit_checkpoint"] = .bool(true) }
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
        }
    }

    /// The schedule of the learning rate, and its arguments.
    private var schedule: (name: String, arguments: [String: JSONValue]) {
        let floor = options[TrainingLoop.finalRate]
        switch options[TrainingLoop.schedule] {
        case .constant: return ("constant_with_warmup", [:])
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
        options[TrainingLoop.batch] * options[TrainingLoop.accumulate]
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

    // MARK: Settings

    /// The options of the stage that stand for fields of the file.
    private static let optionOfField = [
        "learning_rate": "learning_rate", "lr_scheduler_type": "schedule",
        "lr_scheduler_kwargs": "schedule", "warmup_steps": "warmup", "warmup_ratio": "warmup",
        "max_steps": "steps", "num_train_epochs": "epochs", "weight_decay": "weight_decay",
        "adam_beta1": "beta1", "adam_beta2": "beta2", "adam_epsilon": "epsilon",
        "max_grad_norm": "clip_norm", "seed": "seed", "data_seed": "seed",
        "save_steps": "checkpoint_steps", "eval_steps": "evaluate_every", "bf16": "precision",
        "fp16": "precision", "dtype": "precision", "per_device_train_batch_size": "device_batch",
        "gradient_accumulation_steps": "batch",
    ]

    /// Fields that would break what the stage relies on: where checkpoints are, that they are complete, and that the
    /// result is a whole model.
    private static let kept: Set<String> = [
        "model_name_or_path", "output_dir", "overwrite_output_dir", "resume_from_checkpoint",
        "do_train", "do_eval", "do_predict", "save_strategy", "save_total_limit",
        "save_only_model", "save_on_each_node", "load_best_model_at_end", "ignore_data_skip",
        "logging_strategy", "logging_steps", "eval_strategy", "eval_on_start", "push_to_hub",
        "hub_model_id", "enable_jit_checkpoint", "restore_callback_states_from_checkpoint",
        "stage", "finetuning_type", "dataset", "eval_dataset", "dataset_dir", "tokenized_path",
        "template", "val_size", "streaming", "adapter_name_or_path", "dataset_name", "datasets",
        "dataset_config", "dataset_train_split", "dataset_test_split", "dataset_streaming",
        "completion_only_loss", "assistant_only_loss", "max_length", "cutoff_len", "use_peft",
        "max_samples", "packing", "neat_packing",
    ]

    /// The fields of our own trainer.
    private static let fieldsOfWeighted = ["attention", "gradient_checkpointing"]

    /// Throws for members of `settings` that the stage sets itself or that the engine does not have.
    @Sendable static func check(_ settings: StageSettings) throws(OptionMistake) {
        let engine = settings.options[TrainExternal.engine]
        for (field, value) in settings.options[TrainExternal.settings]
            .sorted(by: { $0.key < $1.key })
        {
            if engine.isHuggingFace {
                if let option = optionOfField[field] {
                    throw .settingWithOption(field, option: option)
                }
                if kept.contains(field) || field.hasPrefix("hub_") { throw .keptSetting(field) }
                continue
            }
            let isRight =
                switch (field, value) {
                case ("gradient_checkpointing", .bool), ("attention", .string): true
                default: false
                }
            guard isRight else { throw .unknownSetting(field, known: fieldsOfWeighted) }
        }
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
