import Foundation
import JSON
import LanguageModel
import Pipeline
import Processes
import Reasoning

/// `train.external`: trains a model with an engine outside of Vireo, on one or several processes and machines. What
/// the engine says about its end is not believed: the training is finished if the checkpoint of the last step is there,
/// and complete.
struct TrainExternal: Stage {
    /// The prompts, and what is learnt after them.
    enum Conditioning: String, CaseIterable {
        case prior
        case posterior
    }

    /// The type of activations and products; weights and moments are float32.
    enum Precision: String, CaseIterable {
        case float32
        case bfloat16
    }

    static let engine = Option(
        "engine", TrainingEngine.self, default: .weighted,
        "The program that trains: the trainer of Vireo in torch, LLaMA-Factory, or TRL. Only `weighted` knows the weights of examples. `trl-grpo` is reinforcement learning, as in `train.rl`; the others learn from examples."
    )
    static let version = Option<String?>(
        "version",
        "The version of the engine: of the package torch, llamafactory or trl. The stage fails if another one is installed; a new one trains again."
    )
    static let python = Option(
        "python", default: "python3",
        "The Python in which the engine is installed, such as the path of `bin/python` of a virtual environment.",
        affectsResult: false
    ).ofProgram
    static let settings = Option<[String: JSONValue]>.map(
        "settings",
        "Further fields of the engine's configuration, such as `gradient_checkpointing: true`.")
    static let conditioning = Option(
        "conditioning", Conditioning.self, default: .prior,
        "What is learnt: trace and answer given the question, as in `train.sft`; or the trace given question and hint, as in `train.posterior`."
    )
    static let precision = Option(
        "precision", Precision.self, default: .float32,
        "The type of activations; weights and the state of the optimizer are float32.")
    static let nodes = Option(
        "nodes", in: 1...4096, default: 1,
        "Machines; more than one need a cluster and the same number of `nodes` in `resources`.")
    static let processes = Option(
        "processes", in: 1...1024, default: 1, "Processes per machine, one for each GPU.")
    static let interface = Option<String?>.unkeyed(
        "interface",
        "The network interface through which several machines exchange gradients; by default, for Gloo, that of the first machine's address in Slurm."
    )
    static let deviceBatch = Option<Int?>(
        "device_batch", in: 1...65_536,
        "Sequences that a process computes at a time; by default its share of the step, but at most `batch`."
    )
    static let normalizer = Option(
        "normalizer", PolicyGradient.Normalizer.self,
        "The divisor of the loss, as in `train.sft`; by default constant for `weighted`, and tokens, the only one they have, for others. With `trl-grpo`, as in `train.rl`, and the constant is the maximum number of tokens."
    )
    static let checkpointInterval = Option<Int?>(
        "checkpoint_steps", in: 1...100_000_000,
        "Steps between two checkpoints; by default a tenth of the steps.", affectsResult: false)
    static let environment = CommandStage.environment.documented(
        "Environment variables for the engine besides PATH, HOME, LANG, TMPDIR and those of devices; their values are part of the cache key."
    )

    static let kind = StageKind(
        name: "train.external", version: 1,
        summary: "Trains a model with torch, LLaMA-Factory or TRL, on several GPUs or machines.",
        inputs: [
            .init("model", .model, "The initial model."),
            .init(
                "data", .dataset, isRequired: false,
                "Examples with traces, answers and weights; needed unless the engine is `trl-grpo`."
            ),
            .init(
                "questions", .questions, isRequired: false,
                "The training questions, for `trl-grpo`."),
            .init(
                "validation", .dataset, isRequired: false,
                "Examples to measure the loss on, at the end and every `evaluate_every` steps."),
        ],
        outputs: [.init("model", .model, "The trained model.")],
        options: [
            engine,
            version,
            python,
            settings,
            conditioning,
            precision,
            nodes,
            processes,
            interface,
            deviceBatch,
            TrainingLoop.steps.orAlternative,
            TrainingLoop.epochs,
            TrainingLoop.batch,
            FineTuning.batchUnit,
            TrainingLoop.accumulate,
            TrainingLoop.learningRate.defaulting(to: 1e-5),
            TrainingLoop.schedule,
            TrainingLoop.warmup,
            TrainingLoop.finalRate,
            TrainingLoop.weightDecay,
            TrainingLoop.decaying,
            TrainingLoop.beta1,
            TrainingLoop.beta2,
            TrainingLoop.epsilon,
            TrainingLoop.clipNorm,
            TrainingLoop.seed,
            checkpointInterval,
            TrainingLoop.evaluateEvery,
            normalizer,
            EncodedExamples.cutoff,
            LoadedModel.format,
            environment,
        ] + ExternalReinforcement.options, alternatives: [["steps", "epochs"]], runsProgram: true,
        checks: [
            TrainingLoop.check, ExternalReinforcement.check, check,
            ExternalReinforcement.checkMinibatches, checkBatches, checkNodes, TrainerSettings.check,
            Judge.check,
        ],
        work: { settings in
            let engine = settings.options[engine]
            return engine.isReinforcing
                ? ExternalReinforcement.work(settings)
                : FineTuning.work(
                    settings, on: settings["data"], wholeSteps: engine.isHuggingFace)
        })

    /// The steps between two checkpoints. With rollouts of several steps, these are saved only before new rollouts.
    static func checkpointSteps(_ options: Options, of steps: Int) -> Int {
        let interval = options[checkpointInterval] ?? max(1, steps / 10)
        let unit = TrainerSettings.stepsPerBatch(options)
        return (interval + unit - 1) / unit * unit
    }

    @Sendable private static func check(_ settings: StageSettings) throws(OptionMistake) {
        let options = settings.options
        let engine = options[engine]
        if options[TrainingLoop.evaluateEvery] > 0, settings.inputs["validation"] == nil {
            if engine.isReinforcing {
                throw .unsupported("evaluate_every", by: engine, instead: "evaluate_every: 0")
            }
            throw .missingInput(
                "validation", for: .option("evaluate_every"),
                because:
                    "`evaluate_every` depends on the loss on it; set `evaluate_every: 0`")
        }
        let unit = options[FineTuning.batchUnit]
        if engine.isHuggingFace, unit != .example {
            throw .unsupported(
                "batch_unit: \(unit.rawValue)", by: engine, instead: "batch_unit: example")
        }
        guard engine.isHuggingFace else {
            if options[normalizer] == .rollout {
                throw .unsupported(
                    "normalizer: rollout", by: engine, instead: "normalizer: constant")
            }
            return
        }
        if !engine.isReinforcing, let chosen = options[normalizer], chosen != .tokens {
            throw .unsupported(
                "normalizer: \(chosen.rawValue)", by: engine, instead: "normalizer: tokens")
        }
        if options[TrainingLoop.decaying] != .matrices {
            let value = options[TrainingLoop.decaying].rawValue
            throw .unsupported("decaying: \(value)", by: engine, instead: "decaying: matrices")
        }
    }

    /// Checks that steps can be divided among processes. Our own trainer divides any.
    @Sendable private static func checkBatches(_ settings: StageSettings) throws(OptionMistake) {
        let options = settings.options
        let engine = options[engine]
        guard engine.isHuggingFace else { return }
        let sequences = TrainerSettings.sequences(options)
        let world = TrainerSettings.world(options)
        guard sequences % world == 0 else {
            throw .indivisibleBatch(sequences, by: world, unit: "processes", of: engine)
        }
        if let batch = options[deviceBatch], sequences / world % batch != 0 {
            throw .indivisibleBatch(
                sequences / world, by: batch, unit: "sequences at a time", of: engine)
        }
    }

    @Sendable private static func checkNodes(_ settings: StageSettings) throws(OptionMistake) {
        let (count, given) = (settings.options[nodes], settings.resources.nodes ?? 1)
        if count != given { throw .otherNodes(count, resources: given) }
    }

    func run(in context: StageContext) async throws {
        var training = try ExternalTraining(context)
        try await training.run()
    }
}
