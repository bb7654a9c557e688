import Pipeline
import Reasoning
import VariationalInference

/// The options of reinforcement learning by an engine: those of `train.rl` that it has.
enum ExternalReinforcement {
    static let advantage = Option(
        "advantage", Advantage.self, [.grpoSampleStd, .grpoBatchStd, .drGRPO],
        default: .grpoSampleStd, "The factor of the gradient of each rollout.")

    /// Their defaults are not part of cache keys, so those of the engines that lack these options stay as they were.
    static let options: [any OptionDeclaration] =
        ([
            advantage, TrainRL.group, TrainRL.minibatches, TrainRL.clipLow, TrainRL.clipHigh,
            TrainRL.dualClip, TrainRL.ratio, TrainRL.rewardCorrect, TrainRL.rewardFormat,
            TrainRL.rewardOther, TrainRL.maskTruncated, TrainRL.overlongBuffer,
            TrainRL.overlongPenalty,
            TrainRL.kl.documented(
                "Weight of the KL penalty to the initial policy, with the estimator k3."),
        ]
        + Sampling.options("The maximum number of tokens of a completion")
        .overridden(by: [TrainRL.temperature]) + Judge.options).map { $0.addedLater }

    /// Throws for options and inputs that the engine does not have, or that need this one.
    @Sendable static func check(_ settings: StageSettings) throws(OptionMistake) {
        let (options, inputs) = (settings.options, settings.inputs)
        let engine = options[TrainExternal.engine]
        let (used, unused) =
            engine.isReinforcing
            ? ("questions", ["data", "validation"]) : ("data", ["questions"])
        for input in unused where inputs[input] != nil {
            throw .unusedInput(input, by: engine)
        }
        if inputs[used] == nil { throw .missingInput(used, by: engine) }
        guard engine.isReinforcing else {
            for option in self.options.map(\.declaration)
            where options.values[option.name] != option.fallback {
                throw .reinforcementOption(option.name)
            }
            return
        }
        if options[TrainingLoop.epochs] != nil {
            throw .unsupported("epochs", by: engine, instead: "steps")
        }
        if options[TrainingLoop.accumulate] != 1 {
            throw .unsupported(
                "accumulate: \(options[TrainingLoop.accumulate])", by: engine,
                instead: "device_batch")
        }
        if options[TrainExternal.conditioning] != .prior {
            throw .unsupported(
                "conditioning: posterior", by: engine, instead: "conditioning: prior")
        }
        if let cutoff = options[EncodedExamples.cutoff] {
            throw .unsupported("cutoff_length: \(cutoff)", by: engine, instead: "max_tokens")
        }
        // The mean of a group of one is its reward.
        if options[TrainRL.group] == 1 {
            throw .unsupported("group: 1", by: engine, instead: "group: 2")
        }
    }

    /// Checks that the rollouts of a batch can be divided among its steps.
    @Sendable static func checkMinibatches(_ settings: StageSettings) throws(OptionMistake) {
        let options = settings.options
        guard options[TrainExternal.engine].isReinforcing else { return }
        let count = options[TrainingLoop.batch] * options[TrainRL.group]
        let steps = options[TrainRL.minibatches]
        if count % steps != 0 { throw .indivisibleRollouts(count, by: steps) }
    }

    /// The work of a training.
    static func work(_ settings: WorkSettings) -> StageWork {
        let (options, questions) = (settings.options, settings["questions"])
        let steps = Amount(options[TrainingLoop.steps.orAlternative])
        let length = Amount(options[Sampling.maxTokens])
            .or(questions.longestTrace + questions.longestAnswer)
        let rollouts = Amount(options[TrainingLoop.batch]) * Amount(options[TrainRL.group])
        let drawn = steps / Amount(options[TrainRL.minibatches]) * rollouts * length
        let parameters = settings["model"].parameters
        return StageWork(
            outputs: ["model": ArtifactSize(parameters: parameters)], parameters: parameters,
            generated: drawn, scored: options[TrainRL.kl] > 0 ? drawn : 0, trained: drawn,
            steps: steps)
    }
}
