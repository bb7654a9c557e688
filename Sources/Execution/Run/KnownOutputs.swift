import Files
import Pipeline
import Store

/// The outputs of a plan's stages that are known so far, and what follows from them: the keys of the stages
/// that read them.
struct KnownOutputs {
    private var outputs: [OutputReference: (digest: Digest, producer: ExecutionID)] = [:]

    mutating func remember(
        _ stage: PlannedStage, _ digests: [String: Digest], _ execution: ExecutionID
    ) {
        for (name, digest) in digests {
            outputs[OutputReference(stage: stage.id, output: name)] = (digest, execution)
        }
    }

    /// The key document of a stage whose inputs are all known.
    func document(of stage: PlannedStage) -> KeyDocument {
        stage.keyDocument { outputs[$0]?.digest }
    }

    /// What the stage reads, and from whom.
    func edges(of stage: PlannedStage) -> [InputEdge] {
        stage.inputs.sorted { $0.key < $1.key }.flatMap { name, references in
            references.enumerated().compactMap { position, reference in
                outputs[reference].map {
                    InputEdge(
                        name: name, position: position, artifact: $0.digest,
                        producer: $0.producer, output: reference.output)
                }
            }
        }
    }
}
