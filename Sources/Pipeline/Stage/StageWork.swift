/// The size of an artifact, as far as it is known before the artifact is made. Sizes are upper bounds.
package struct ArtifactSize: Hashable, Sendable {
    /// Records: questions, traces, answers, examples.
    package var rows: Amount

    /// Tokens of the traces in all records, and of texts that were sampled.
    package var tokens: Amount

    /// The weights of a model.
    package var parameters: Amount

    /// The tokens of the longest trace of a question that its task allows, and of the longest answer.
    package var longestTrace: Amount
    package var longestAnswer: Amount

    package init(
        rows: Amount = .unknown, tokens: Amount = .unknown, parameters: Amount = .unknown,
        longestTrace: Amount = .unknown, longestAnswer: Amount = .unknown
    ) {
        self.rows = rows
        self.tokens = tokens
        self.parameters = parameters
        self.longestTrace = longestTrace
        self.longestAnswer = longestAnswer
    }
}

/// What is known of an instance of a stage, and of the artifacts that it reads, when its work is estimated.
package struct WorkSettings: Sendable {
    package let options: Options

    /// The sizes of the artifacts of each input. Optional inputs that are left out are missing.
    package let inputs: [String: [ArtifactSize]]

    package init(options: Options, inputs: [String: [ArtifactSize]]) {
        self.options = options
        self.inputs = inputs
    }

    /// The artifacts of an input together. An input that is left out has no rows.
    package subscript(input: String) -> ArtifactSize {
        guard let sizes = inputs[input], let first = sizes.first else {
            return ArtifactSize(rows: 0, tokens: 0)
        }
        return sizes.dropFirst().reduce(into: first) { sum, size in
            sum.rows += size.rows
            sum.tokens += size.tokens
        }
    }
}

/// The work of an instance of a stage, estimated before it runs. Numbers are upper bounds: each sampled text is counted
/// with its greatest length. Prompts, and answers that are only scored or trained on, are not counted.
package struct StageWork: Hashable, Sendable {
    /// Outputs whose size is unknown may be missing.
    package var outputs: [String: ArtifactSize]

    /// Tokens that a model samples, whose log-probabilities it computes, and on which it is trained.
    package var generated: Amount
    package var scored: Amount
    package var trained: Amount

    /// Optimizer steps.
    package var steps: Amount

    /// Floating-point operations: 2 per parameter and token of a forward pass, 6 per parameter and token of training.
    package var operations: Amount

    /// Work without a model.
    package init(outputs: [String: ArtifactSize] = [:]) {
        self.outputs = outputs
        (generated, scored, trained, steps, operations) = (0, 0, 0, 0, 0)
    }

    /// The work of a model with this number of parameters.
    package init(
        outputs: [String: ArtifactSize], parameters: Amount, generated: Amount = 0,
        scored: Amount = 0, trained: Amount = 0, steps: Amount = 0
    ) {
        self.outputs = outputs
        (self.generated, self.scored, self.trained, self.steps) = (
            generated, scored, trained, steps
        )
        operations = (2 * (generated + scored) + 6 * trained) * parameters
    }

    /// Work of which nothing is known.
    package static var unknown: StageWork {
        StageWork(
            outputs: [:], parameters: .unknown, generated: .unknown, scored: .unknown,
            trained: .unknown, steps: .unknown)
    }
}

extension Sequence<PlannedStage> {
    /// The work of stages in the order of a plan, with the sizes of all outputs. `known` has sizes of outputs that are
    /// already there, by the ids of their stages.
    package func work(known: [String: [String: ArtifactSize]] = [:]) -> [StageWork] {
        var sizes: [OutputReference: ArtifactSize] = [:]
        return map { stage in
            let inputs = stage.inputs.mapValues { $0.map { sizes[$0] ?? ArtifactSize() } }
            var work = stage.kind.work(WorkSettings(options: stage.options, inputs: inputs))
            for output in stage.outputs {
                let estimate = work.outputs[output.name] ?? ArtifactSize()
                let size = known[stage.id]?[output.name]?.completed(by: estimate) ?? estimate
                work.outputs[output.name] = size
                sizes[OutputReference(stage: stage.id, output: output.name)] = size
            }
            return work
        }
    }
}

extension ArtifactSize {
    /// The size with what is unknown taken from an estimate.
    fileprivate func completed(by estimate: ArtifactSize) -> ArtifactSize {
        ArtifactSize(
            rows: rows.or(estimate.rows), tokens: tokens.or(estimate.tokens),
            parameters: parameters.or(estimate.parameters),
            longestTrace: longestTrace.or(estimate.longestTrace),
            longestAnswer: longestAnswer.or(estimate.longestAnswer))
    }
}
