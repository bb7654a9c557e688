import Foundation
import JSON
import Pipeline
import Stages
import Testing

@Suite("What engines are told, and what they tell", .timeLimit(.minutes(10)))
struct TrainerSettingsTests {
    private static func options(_ values: [String: JSONValue]) throws -> Options {
        let kind = try #require(StageRegistry.stage(named: "train.external")).kind
        var all = values
        for option in kind.options where all[option.name] == nil {
            all[option.name] = option.fallback
        }
        return Options(all)
    }

    private func file(
        _ engine: TrainingEngine, _ values: [String: JSONValue] = [:], isValidated: Bool = false,
        resume: String? = nil, answer: (Int32, Int)? = nil
    ) throws -> [String: JSONValue] {
        let own: [String: JSONValue] = ["engine": .string(engine.rawValue)]
        return TrainerSettings(
            engine: engine, options: try Self.options(own.merging(values) { $1 }), steps: 40,
            isValidated: isValidated, answer: answer
        ).file(
            .init(model: "/model", data: "/data", output: "/out", resume: resume),
            savesWhenStopped: true)
    }

    @Test("LLaMA-Factory gets every field that the result depends on")
    func llamaFactory() throws {
        let file = try file(
            .llamaFactory,
            [
                "batch": .integer(8), "accumulate": .integer(2), "device_batch": .integer(4),
                "processes": .integer(2), "learning_rate": .number(1e-6), "seed": .integer(3),
                "settings": .object(["flash_attn": .string("sdpa")]),
            ], isValidated: true, resume: "/work/checkpoint-20")
        #expect(
            TrainerSettings.text(file) == """
                {
                  "adam_beta1": 0.9,
                  "adam_beta2": 0.95,
                  "adam_epsilon": 1.0e-08,
                  "bf16": false,
                  "data_seed": 3,
                  "dataset": "examples",
                  "disable_tqdm": true,
                  "do_train": true,
                  "enable_jit_checkpoint": true,
                  "eval_dataset": "validation",
                  "eval_steps": 40,
                  "eval_strategy": "steps",
                  "finetuning_type": "full",
                  "flash_attn": "sdpa",
                  "fp16": false,
                  "gradient_accumulation_steps": 2,
                  "learning_rate": 1.0e-06,
                  "logging_nan_inf_filter": false,
                  "logging_steps": 1,
                  "logging_strategy": "steps",
                  "lr_scheduler_kwargs": {"min_lr_rate": 0.1},
                  "lr_scheduler_type": "cosine_with_min_lr",
                  "max_grad_norm": 1,
                  "max_steps": 40,
                  "model_name_or_path": "/model",
                  "optim": "adamw_torch",
                  "output_dir": "/out",
                  "per_device_eval_batch_size": 4,
                  "per_device_train_batch_size": 4,
                  "plot_loss": false,
                  "report_to": "none",
                  "resume_from_checkpoint": "/work/checkpoint-20",
                  "save_only_model": false,
                  "save_steps": 4,
                  "save_strategy": "steps",
                  "save_total_limit": 2,
                  "seed": 3,
                  "stage": "sft",
                  "template": "empty",
                  "tokenized_path": "/data",
                  "trust_remote_code": false,
                  "warmup_steps": 10,
                  "weight_decay": 0.1
                }

                """)
    }

    @Test("TRL is told to tokenize, cut and pack nothing")
    func trl() throws {
        let file = try file(.trl)
        #expect(file["dataset_name"] == .string("/data"))
        #expect(file["completion_only_loss"] == .bool(true))
        #expect(file["max_length"] == .null)
        #expect(file["packing"] == nil)
        #expect(file["resume_from_checkpoint"] == nil)
        #expect(file["eval_strategy"] == nil)
    }

    @Test("The GRPO of TRL gets the options of train.rl, and a checkpoint only before new rollouts")
    func grpo() throws {
        let file = try file(
            .grpo,
            [
                "batch": .integer(6), "group": .integer(4), "minibatches": .integer(3),
                "processes": .integer(2), "device_batch": .integer(2), "kl": .number(0.25),
                "clip_high": .number(0.5), "dual_clip": .number(3), "min_p": .number(0.125),
                "temperature": .number(0.75), "mask_truncated": .bool(true),
            ], answer: (6, 48))
        #expect(
            TrainerSettings.text(file) == """
                {
                  "adam_beta1": 0.9,
                  "adam_beta2": 0.95,
                  "adam_epsilon": 1.0e-08,
                  "beta": 0.25,
                  "bf16": false,
                  "data_seed": 0,
                  "delta": 3,
                  "disable_tqdm": true,
                  "end_token": 6,
                  "epsilon": 0.2,
                  "epsilon_high": 0.5,
                  "fp16": false,
                  "gradient_accumulation_steps": 2,
                  "importance_sampling_level": "token",
                  "learning_rate": 1.0e-05,
                  "logging_nan_inf_filter": false,
                  "logging_steps": 1,
                  "logging_strategy": "steps",
                  "loss_type": "grpo",
                  "lr_scheduler_kwargs": {"min_lr_rate": 0.1},
                  "lr_scheduler_type": "cosine_with_min_lr",
                  "mask_truncated_completions": true,
                  "max_completion_length": 48,
                  "max_grad_norm": 1,
                  "max_steps": 40,
                  "min_p": 0.125,
                  "model_name_or_path": "/model",
                  "num_generations": 4,
                  "num_iterations": 1,
                  "optim": "adamw_torch",
                  "order": "/data/order.jsonl",
                  "output_dir": "/out",
                  "per_device_train_batch_size": 2,
                  "prompts": "/data/prompts.jsonl",
                  "repetition_penalty": 1,
                  "report_to": "none",
                  "rewards": "/data/rewards",
                  "save_only_model": false,
                  "save_steps": 6,
                  "save_strategy": "steps",
                  "save_total_limit": 2,
                  "scale_rewards": "group",
                  "seed": 0,
                  "shuffle_dataset": false,
                  "steps_per_generation": 6,
                  "temperature": 0.75,
                  "top_k": 0,
                  "top_p": 1,
                  "warmup_steps": 10,
                  "weight_decay": 0.1
                }

                """)
    }

    @Test("Advantage and divisor of GRPO are those of the paper of the method unless given")
    func divisors() throws {
        func fields(_ values: [String: JSONValue]) throws -> [JSONValue?] {
            let file = try file(.grpo, values)
            return [file["scale_rewards"], file["loss_type"]]
        }
        #expect(try fields([:]) == [.string("group"), .string("grpo")])
        #expect(
            try fields(["advantage": .string("dr-grpo")]) == [.string("none"), .string("dr_grpo")])
        #expect(
            try fields(["advantage": .string("grpo-batch-std")])
                == [.string("batch"), .string("dapo")])
        #expect(
            try fields(["advantage": .string("dr-grpo"), "ratio": .string("sequence")])
                == [.string("none"), .string("grpo")])
        #expect(
            try fields(["normalizer": .string("tokens")]) == [.string("group"), .string("dapo")])
    }

    @Test("A schedule is that of the stage's option")
    func schedules() throws {
        func scheduler(_ shape: String, floor: Double) throws -> [JSONValue?] {
            let file = try file(
                .trl,
                [
                    "schedule": .string(shape), "final_rate": .number(floor),
                    "learning_rate": .number(0.5),
                ])
            return [file["lr_scheduler_type"], file["lr_scheduler_kwargs"]]
        }
        #expect(try scheduler("constant", floor: 0.5) == [.string("constant_with_warmup"), nil])
        #expect(try scheduler("cosine", floor: 0) == [.string("cosine"), nil])
        #expect(try scheduler("linear", floor: 0) == [.string("linear"), nil])
        #expect(
            try scheduler("linear", floor: 0.5) == [
                .string("polynomial"),
                .object(["lr_end": .number(0.25), "power": .number(1)]),
            ])
        #expect(try scheduler("linear", floor: 1) == [.string("constant_with_warmup"), nil])
    }

    @Test("The estimated steps of epochs are those of the engine")
    func steps() throws {
        func steps(_ engine: String) throws -> Amount {
            let kind = try #require(StageRegistry.stage(named: "train.external")).kind
            let options = try Self.options([
                "engine": .string(engine), "batch": .integer(10), "accumulate": .integer(4),
                "epochs": .number(3),
            ])
            let data = ArtifactSize(rows: 100, tokens: 1000)
            return kind.work(WorkSettings(options: options, inputs: ["data": [data]])).steps
        }
        // Its steps go on in the next epoch.
        #expect(try steps("weighted") == 8)
        #expect(try steps("trl-sft") == 9)
    }

    @Test("A process computes the greatest part of its share that fits in a batch")
    func deviceBatch() throws {
        func sizes(_ batch: Int, _ accumulate: Int, _ processes: Int) throws -> [JSONValue?] {
            let file = try file(
                .trl,
                [
                    "batch": .integer(batch), "accumulate": .integer(accumulate),
                    "processes": .integer(processes),
                ])
            return [file["per_device_train_batch_size"], file["gradient_accumulation_steps"]]
        }
        #expect(try sizes(32, 1, 1) == [.integer(32), .integer(1)])
        #expect(try sizes(32, 1, 8) == [.integer(4), .integer(1)])
        #expect(try sizes(4, 6, 2) == [.integer(4), .integer(3)])
    }

    // MARK: Mistakes

    private func mistakes(
        _ values: [String: JSONValue], inputs: [String: Int] = ["model": 1, "data": 1]
    ) throws -> [String] {
        let kind = try #require(StageRegistry.stage(named: "train.external")).kind
        return kind.mistakes(
            in: StageSettings(options: try Self.options(values), inputs: inputs)
        ).map(\.description)
    }

    @Test("Fields with an option, and fields that the stage relies on, are refused in `settings`")
    func refusedSettings() throws {
        func mistake(_ field: String) throws -> [String] {
            try mistakes([
                "engine": .string("llama-factory"), "settings": .object([field: .integer(1)]),
            ])
        }
        for field in [
            "output_dir", "overwrite_output_dir", "resume_from_checkpoint", "hub_token",
            "save_safetensors", "auto_find_batch_size",
        ] {
            #expect(
                try mistake(field) == [
                    "`settings` has `\(field)`, which the stage sets: leave it out"
                ])
        }
        #expect(
            try mistake("learning_rate") == [
                "`settings` has `learning_rate`: set the option `learning_rate` of the stage instead"
            ])
        #expect(try mistake("flash_attn").isEmpty)
    }

    @Test("Our own trainer has two settings")
    func ownSettings() throws {
        func mistake(_ field: String, _ value: JSONValue) throws -> [String] {
            try mistakes(["settings": .object([field: value])])
        }
        #expect(try mistake("gradient_checkpointing", .bool(true)).isEmpty)
        #expect(try mistake("attention", .string("sdpa")).isEmpty)
        #expect(
            try mistake("gradient_checkpointing", .integer(1)) == [
                "`settings.gradient_checkpointing` has a value of another type: it has `attention`, a name such as `sdpa`, and `gradient_checkpointing`, `true` or `false`"
            ])
        #expect(
            try mistake("attntion", .string("sdpa")) == [
                "`engine: weighted` has no setting `attntion`: it has `attention`, a name such as `sdpa`, and `gradient_checkpointing`, `true` or `false`"
            ])
    }

    @Test("What an engine does not have is reported before anything runs")
    func unsupported() throws {
        #expect(
            try mistakes(["engine": .string("trl-sft"), "batch_unit": .string("draw")]) == [
                "`engine: trl-sft` does not have `batch_unit: draw`: set `batch_unit: example`, or `engine: weighted`"
            ])
        #expect(
            try mistakes(["engine": .string("trl-sft"), "normalizer": .string("constant")]) == [
                "`engine: trl-sft` does not have `normalizer: constant`: set `normalizer: tokens`, or `engine: weighted`"
            ])
        #expect(
            try mistakes(["engine": .string("trl-sft"), "decaying": .string("all")]) == [
                "`engine: trl-sft` does not have `decaying: all`: set `decaying: matrices`, or `engine: weighted`"
            ])
        #expect(
            try mistakes(["evaluate_every": .integer(5)]) == [
                "the input `validation` is needed: `evaluate_every` depends on the loss on it; set `evaluate_every: 0`"
            ])
    }

    @Test("Steps must be divisible among processes, except for our own trainer")
    func indivisible() throws {
        let batch: [String: JSONValue] = ["batch": .integer(9), "processes": .integer(2)]
        #expect(try mistakes(batch).isEmpty)
        #expect(
            try mistakes(batch.merging(["engine": .string("trl-sft")]) { $1 }) == [
                "9 sequences per step cannot be divided among 2 processes: change `batch`, `accumulate` or `device_batch`"
            ])
        #expect(
            try mistakes([
                "engine": .string("trl-sft"), "batch": .integer(8), "device_batch": .integer(3),
            ]) == [
                "8 sequences per step cannot be divided among 3 sequences at a time: change `batch`, `accumulate` or `device_batch`"
            ])
    }

    @Test("Reinforcement learning has questions instead of data, and steps instead of epochs")
    func reinforcement() throws {
        let questions = ["model": 1, "questions": 1]
        func mistakes(_ values: [String: JSONValue], inputs: [String: Int]) throws -> [String] {
            let own: [String: JSONValue] = ["engine": .string("trl-grpo"), "steps": .integer(100)]
            return try self.mistakes(own.merging(values) { $1 }, inputs: inputs)
        }
        #expect(try mistakes([:], inputs: questions).isEmpty)
        #expect(
            try mistakes([:], inputs: ["model": 1]) == [
                "the input `questions` is needed: `engine: trl-grpo` learns from it"
            ])
        #expect(
            try mistakes([:], inputs: ["model": 1, "questions": 1, "data": 1]) == [
                "`engine: trl-grpo` does not use the input `data`: leave it out, or change `engine`"
            ])
        #expect(
            try self.mistakes([:], inputs: ["model": 1]) == [
                "the input `data` is needed: `engine: weighted` learns from it"
            ])
        #expect(
            try self.mistakes([:], inputs: ["model": 1, "data": 1, "questions": 1]) == [
                "`engine: weighted` does not use the input `questions`: leave it out, or change `engine`"
            ])
        #expect(
            try self.mistakes(["group": .integer(4)]) == [
                "`group` requires `engine: trl-grpo`: leave it out, or change `engine`"
            ])
        #expect(
            try mistakes(["epochs": .number(1), "steps": .null], inputs: questions) == [
                "`engine: trl-grpo` does not have `epochs`: set `steps`"
            ])
        #expect(
            try mistakes(["evaluate_every": .integer(5)], inputs: questions) == [
                "`engine: trl-grpo` does not have `evaluate_every`: set `evaluate_every: 0`"
            ])
        #expect(
            try mistakes(["accumulate": .integer(2)], inputs: questions) == [
                "`engine: trl-grpo` does not have `accumulate: 2`: set `device_batch`"
            ])
        #expect(
            try mistakes(["conditioning": .string("posterior")], inputs: questions) == [
                "`engine: trl-grpo` does not have `conditioning: posterior`: set `conditioning: prior`"
            ])
        #expect(
            try mistakes(["cutoff_length": .integer(512)], inputs: questions) == [
                "`engine: trl-grpo` does not have `cutoff_length: 512`: set `max_tokens`"
            ])
        #expect(
            try mistakes(["group": .integer(1)], inputs: questions) == [
                "`engine: trl-grpo` does not have `group: 1`: set `group: 2`"
            ])
        #expect(
            try mistakes(["batch": .integer(3), "minibatches": .integer(5)], inputs: questions) == [
                "24 rollouts of a batch cannot be divided among 5 minibatches: change `batch`, `group` or `minibatches`"
            ])
        #expect(
            try mistakes(["batch": .integer(1), "device_batch": .integer(3)], inputs: questions)
                == [
                    "8 sequences per step cannot be divided among 3 sequences at a time: change `batch`, `group` or `device_batch`"
                ])
        #expect(
            try mistakes(
                ["settings": .object(["num_generations": .integer(3)])], inputs: questions) == [
                    "`settings` has `num_generations`: set the option `group` of the stage instead"
                ])
        #expect(
            try mistakes(["settings": .object(["num_iterations": .integer(3)])], inputs: questions)
                == ["`settings` has `num_iterations`, which the stage sets: leave it out"])
        #expect(
            try self.mistakes(["normalizer": .string("rollout")]) == [
                "`engine: weighted` does not have `normalizer: rollout`: set `normalizer: constant`"
            ])
    }

    @Test("The stage runs on as many nodes as its resources name")
    func nodes() throws {
        let kind = try #require(StageRegistry.stage(named: "train.external")).kind
        func mistakes(_ nodes: Int?) throws -> [String] {
            kind.mistakes(
                in: StageSettings(
                    options: try Self.options(["steps": .integer(1), "nodes": .integer(2)]),
                    inputs: ["model": 1, "data": 1], resources: Resources(nodes: nodes))
            ).map(\.description)
        }
        #expect(try mistakes(2).isEmpty)
        #expect(
            try mistakes(nil) == [
                "`nodes` is 2, but `resources.nodes` is 1: set both to the number of machines that train"
            ])
    }

    // MARK: Metrics

    @Test("Lines of a log become metrics under the names of train.sft; repeated values do not")
    func log() {
        var metrics = TrainerMetrics(after: 1)
        func read(_ line: String) -> [TrainerMetrics.Point] { metrics.read(line: Data(line.utf8)) }
        let line =
            "{\"current_steps\": 2, \"total_steps\": 9, \"loss\": 1.5, \"lr\": 0.25, \"epoch\": 0.5, \"percentage\": 22.2, \"elapsed_time\": \"0:00:01\"}"
        let points = [
            TrainerMetrics.Point(name: "loss", step: 2, value: 1.5),
            TrainerMetrics.Point(name: "learning_rate", step: 2, value: 0.25),
        ]
        #expect(read(line) == points)
        #expect(read(line).isEmpty)
        #expect(
            read(line.replacing("1.5", with: "1.25"))
                == [TrainerMetrics.Point(name: "loss", step: 2, value: 1.25)])
        #expect(read(line.replacing("\"current_steps\": 2", with: "\"current_steps\": 1")).isEmpty)
        #expect(read(String(line.dropLast(9))).isEmpty)
        #expect(read("not JSON").isEmpty)
    }

    @Test("The history of a checkpoint adds what the log does not have")
    func history() throws {
        var metrics = TrainerMetrics(after: 0)
        _ = metrics.read(line: Data("{\"current_steps\": 1, \"loss\": 2.0}".utf8))
        let state = try #require(
            PythonJSON.value(
                Data(
                    """
                    {"global_step": 2, "log_history": [
                    {"epoch": 0.1, "step": 1, "loss": 2.0, "grad_norm": 3.5, "learning_rate": 0.0},
                    {"step": 2, "eval_loss": 1.25, "eval_runtime": 7, "eval_steps_per_second": 3},
                    {"step": 2, "grad_norm": Infinity, "train_loss": 2, "total_flos": 1e9}]}
                    """.utf8)))
        #expect(
            metrics.read(state: state) == [
                .init(name: "gradient_norm", step: 1, value: 3.5),
                .init(name: "learning_rate", step: 1, value: 0),
                .init(name: "validation_loss", step: 2, value: 1.25),
                .init(name: "gradient_norm", step: 2, value: .infinity),
            ])
    }

    @Test("Metrics of TRL's GRPO have the names of train.rl")
    func reinforcementMetrics() throws {
        var metrics = TrainerMetrics(after: 0)
        let state = try #require(
            PythonJSON.value(
                Data(
                    """
                    {"global_step": 1, "log_history": [{"step": 1, "reward": 0.5, "kl": 0.25,
                    "frac_reward_zero_std": 0.125, "completions/mean_length": 7.5,
                    "completions/max_length": 9, "completions/clipped_ratio": 0.75,
                    "clip_ratio/region_mean": 0, "rewards/verifier/mean": 0.5, "step_time": 3}]}
                    """.utf8)))
        #expect(
            metrics.read(state: state) == [
                .init(name: "clip_fraction", step: 1, value: 0),
                .init(name: "truncated", step: 1, value: 0.75),
                .init(name: "rollout_tokens", step: 1, value: 7.5),
                .init(name: "degenerate_groups", step: 1, value: 0.125),
                .init(name: "kl", step: 1, value: 0.25),
                .init(name: "reward", step: 1, value: 0.5),
            ])
    }

    // MARK: Processes

    @Test("One process is started by Python, several by torchrun, several nodes by srun")
    func launchers() {
        func launcher(_ nodes: Int, _ processes: Int) -> String {
            Rendezvous(nodes: nodes, processes: processes, address: "10.0.0.1", port: 20_001)
                .launcher(python: ["/opt/python"], cpus: "4").joined(separator: " ")
        }
        let torchrun =
            " --max_restarts 0 --master_addr 10.0.0.1 --master_port 20001"
        #expect(launcher(1, 1) == "/opt/python")
        #expect(
            launcher(1, 2)
                == "/opt/python -m torch.distributed.run --nnodes 1 --nproc_per_node 2" + torchrun)
        #expect(
            launcher(3, 1)
                == "srun --nodes=3 --ntasks=3 --ntasks-per-node=1 --cpus-per-task=4 --kill-on-bad-exit=1 --export=ALL sh -c PET_NODE_RANK=$SLURM_NODEID exec \"$@\" sh /opt/python -m torch.distributed.run --nnodes 3 --nproc_per_node 1"
                + torchrun)
    }

    @Test("Nodes meet at the address of the first, at a port of the job and its start")
    func meeting() {
        let text = """
            NodeName=n1 Arch=x86_64 CoresPerSocket=1
               NodeAddr=10.1.2.3 NodeHostName=n1 Version=22.05.8
            """
        #expect(Rendezvous.address(in: text) == "10.1.2.3")
        #expect(Rendezvous.address(in: "slurm_load_node error") == nil)
        #expect(Rendezvous.port(job: 16, restarts: 0) == 20_016)
        #expect(Rendezvous.port(job: 16, restarts: 1) == 20_113)
        #expect(Rendezvous.port(job: 39_999, restarts: 9) <= 39_999)
        #expect(Rendezvous.port(job: .max, restarts: .max) <= 39_999)
    }

    @Test("The line that explains a failure is neither a progress bar nor the report of torchrun")
    func remark() {
        var remark = EngineRemark()
        for line in [
            "Loading:   0%|\rLoading: 100%|#####|", "[rank0]: ValueError: no key 'bogus'", "",
            "============",
            "E1130 15:48:21.418 21504 torch/distributed/elastic/multiprocessing/api.py:1002] failed",
            "Traceback (most recent call last):",
        ] { remark.note(line) }
        #expect(remark.line == "[rank0]: ValueError: no key 'bogus'")
        var bar = EngineRemark()
        bar.note("  5%|#  | 1/20\r 10%|## | 2/20 loss")
        #expect(bar.line == "10%|## | 2/20 loss")
    }

    @Test("A declared version may leave out the local part")
    func versions() {
        #expect(EngineVersions.matches("2.13.0+cpu", "2.13.0"))
        #expect(EngineVersions.matches("0.9.5", "0.9.5"))
        #expect(!EngineVersions.matches("0.9.51", "0.9.5"))
        #expect(!EngineVersions.matches("2.13.0", "2.13.0+cpu"))
    }
}
