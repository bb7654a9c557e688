import Files

/// The results of earlier runs for the stages of a pipeline, loaded at once.
package struct StageHistory: Sendable {
    /// The last execution of each stage, by stage id.
    package var last: [String: Attempt]

    /// The stored results for the cache keys of these executions.
    package var answers: [Digest: Answer]

    package init(last: [String: Attempt] = [:], answers: [Digest: Answer] = [:]) {
        self.last = last
        self.answers = answers
    }

    /// An execution in a run.
    package struct Attempt: Hashable, Sendable {
        package let origin: Lineage.Origin

        /// The canonical text of its key document.
        package let document: String

        /// The error; `nil` unless the execution failed.
        package let error: String?

        package init(origin: Lineage.Origin, document: String, error: String? = nil) {
            self.origin = origin
            self.document = document
            self.error = error
        }
    }

    /// The stored results for a cache key.
    package struct Answer: Hashable, Sendable {
        /// The outputs of the finished execution; `nil` if none finished.
        package var outputs: [String: Digest]?

        /// The outputs whose archives are missing, sorted.
        package var missing: [String]

        /// The last checkpoint of an unfinished execution.
        package var checkpoint: Int?

        /// The origin of a result that must not be used, such as "imported from run.tar.zst on 2026-01-31".
        package var unusedSource: String?

        package init(
            outputs: [String: Digest]? = nil, missing: [String] = [], checkpoint: Int? = nil,
            unusedSource: String? = nil
        ) {
            self.outputs = outputs
            self.missing = missing
            self.checkpoint = checkpoint
            self.unusedSource = unusedSource
        }
    }
}

/// Access to the results of earlier runs of a pipeline. Each query covers many stages at once, so that their number
/// does not depend on the size of the plan.
package protocol StageMemory: Sendable {
    /// The history of the stages with these ids.
    func history(of stages: [String]) throws -> StageHistory

    /// The stored results for cache keys; unknown keys are missing.
    func answers(to keys: [Digest]) throws -> [Digest: StageHistory.Answer]

    /// The lineage of executions, up to its roots.
    func lineage(of executions: [Lineage.Origin]) throws -> Lineage
}

/// A memory without any earlier runs.
package struct NoMemory: StageMemory {
    package init() {}

    package func history(of stages: [String]) -> StageHistory { StageHistory() }

    package func answers(to keys: [Digest]) -> [Digest: StageHistory.Answer] { [:] }

    package func lineage(of executions: [Lineage.Origin]) -> Lineage { Lineage() }
}
