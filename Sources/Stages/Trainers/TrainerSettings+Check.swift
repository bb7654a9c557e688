import JSON
import Pipeline

extension TrainerSettings {
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

    /// The same for reinforcement learning.
    private static let optionOfReinforcement = [
        "num_generations": "group", "temperature": "temperature", "top_k": "top_k",
        "top_p": "top_p", "min_p": "min_p", "max_completion_length": "max_tokens", "beta": "kl",
        "epsilon": "clip_low", "epsilon_high": "clip_high", "delta": "dual_clip",
        "importance_sampling_level": "ratio", "loss_type": "normalizer",
        "scale_rewards": "advantage", "mask_truncated_completions": "mask_truncated",
        "steps_per_generation": "minibatches", "generation_batch_size": "batch",
    ]

    /// Fields that would break what the stage relies on: where checkpoints are, that they are complete, that a step has
    /// its number of sequences, and that the result is a whole model.
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
        "max_samples", "packing", "neat_packing", "save_safetensors", "auto_find_batch_size",
    ]

    /// The same for reinforcement learning: whatever changes prompts, rewards, or what a checkpoint must contain.
    private static let keptForReinforcement: Set<String> = [
        "prompts", "order", "rewards", "end_token", "shuffle_dataset", "num_iterations",
        "repetition_penalty",
        "reward_weights", "num_generations_eval", "use_adaptive_entropy", "sync_ref_model",
        "generation_kwargs", "chat_template_kwargs", "pad_to_multiple_of",
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
                let own = engine.isReinforcing ? optionOfReinforcement[field] : nil
                if let option = optionOfField[field] ?? own {
                    throw .settingWithOption(field, option: option)
                }
                let isKept =
                    kept.contains(field) || field.hasPrefix("hub_")
                    || engine.isReinforcing && keptForReinforcement.contains(field)
                if isKept { throw .keptSetting(field) }
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
}
