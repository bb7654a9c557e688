import Files
import Pipeline

/// All that is known of a stage of a run.
package struct StageDetail: Hashable, Sendable {
    package struct Input: Hashable, Sendable {
        package let name: String
        package let position: Int
        package let artifact: Digest
        /// The kind of stage that made it.
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
    /// The canonical key document, with kind, version and options; `nil` if it never started.
    package let document: String?
    package let checkpoint: Int?
    /// Where its result is from; `nil` if it was made here.
    package let imported: ImportRecord?
    package let inputs: [Input]
    package let outputs: [Output]
    /// The last point of every series.
    package let metrics: [MetricPoint]
    /// What happened to the execution, in whichever run did the work.
    package let events: [Note]
}
