import Files
import Pipeline

/// The details of a stage of a run.
package struct StageDetail: Hashable, Sendable {
    package struct Input: Hashable, Sendable {
        package let name: String
        package let position: Int
        package let artifact: Digest
        /// The kind of the stage that made it.
        package let producerKind: String
        package let producer: ExecutionID
        package let output: String
    }

    package struct Output: Hashable, Sendable {
        package let name: String
        package let type: ArtifactType?
        package let artifact: Digest
        package let bytes: Int
        package let files: Int
        package let archiveBytes: Int
    }

    package struct Note: Hashable, Sendable {
        package let time: String
        package let kind: String
        package let text: String
    }

    package let stage: StageRecord
    /// The canonical key document, with kind, version and options; `nil` if the stage never started.
    package let document: String?
    package let checkpoint: Int?
    /// The origin of an imported result; `nil` if it was made in this store.
    package let imported: ImportRecord?
    package let inputs: [Input]
    package let outputs: [Output]
    /// The last value of every metric.
    package let metrics: [MetricPoint]
    /// The events of the execution, in the run that did the work.
    package let events: [Note]
}
