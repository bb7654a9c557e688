import Files
import Pipeline
import Store

extension Store {
    /// The execution that answers `key`, `nil` if there is none.
    func finishedExecution(_ key: Digest) throws -> FinishedExecution? {
        try finishedExecutions([key])[key]
    }

    /// Records points of series, and the last step that now survives an interruption.
    func appendMetrics(
        _ execution: ExecutionID, _ points: [MetricPoint], checkpoint: Int? = nil
    ) throws {
        var batch = MetricBatch()
        for point in points { batch.append(point) }
        try append(&batch, to: execution, checkpoint: checkpoint)
    }
}
