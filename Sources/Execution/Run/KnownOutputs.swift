import Files
import Pipeline
import Store

/// The known outputs of the stages of a plan, from which the cache keys of the stages that read them are computed.
struct KnownOutputs {
    private var outputs: [OutputReference: (digest: Digest, producer: ExecutionID)] = [:]

    mutating func remember(
        _ stage: PlannedStage, _ digests: [String: Digest], _ execution: ExecutionID
    ) {
        for (name, digest) in digests {
            outputs[OutputReference(stage: stage.id, output: name)] = (digest, execution)
        }
    }

    /// The key document of a stage, all of whose inputs are known.
    func document(of stage: PlannedStage) -> KeyDocument {
        stage.keyDocument { outputs[$0]?.digest }
    }

    /// The inputs of the stage and the executions that produced them.
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
