import Pipeline

/// A line of the list of runs. Times are ISO-8601 text in UTC.
package struct RunRecord: Hashable, Sendable {
    package let id: RunID
    package let pipeline: String
    package let path: String
    /// `running`, `done`, `failed`, `cancelled` or `interrupted`.
    package let outcome: String
    package let started: String
    package let finished: String?
    package let seconds: Double?
    package let stages: Int
    package let cached: Int
    package let ran: Int
    package let failed: Int
    /// Neither cached, run nor failed.
    package let missing: Int
    package let cpuSeconds: Double?
}

/// A stage of a run. The times are those of the execution that did the work.
package struct StageRecord: Hashable, Sendable {
    package let run: RunID
    package let id: String
    package let name: String
    package let kind: String
    package let outcome: StageOutcome
    package let reason: String?
    package let execution: ExecutionID?
    package let key: Digest?
    package let attempt: Int?
    package let started: String?
    package let finished: String?
    package let seconds: Double?
    package let cpuSeconds: Double?
    /// In bytes.
    package let peakMemory: Int?
    package let error: String?
}

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
    package let inputs: [Input]
    package let outputs: [Output]
    /// The last point of every series.
    package let metrics: [MetricPoint]
    /// What happened to the execution, in whichever run did the work.
    package let events: [Note]
}
