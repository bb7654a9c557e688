import Files
import Store

extension InputEdge {
    /// An edge to the output `output` of a published execution.
    init(
        _ name: String, _ producer: (id: ExecutionID, outputs: [String: Digest]),
        _ output: String, position: Int = 0
    ) {
        self.init(
            name: name, position: position, artifact: producer.outputs[output]!,
            producer: producer.id, output: output)
    }
}

extension Store {
    /// Records what became of one stage.
    func recordStage(
        _ run: RunID, stage: String, outcome: StageOutcome, execution: ExecutionID?, reason: String?
    ) throws {
        let settlement = StageOutcomeUpdate(
            stage: stage, outcome: outcome, execution: execution, reason: reason)
        try recordStages(run, [settlement])
    }
}
