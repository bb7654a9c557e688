import Files

/// What earlier runs left of the stages of a pipeline: a value, loaded in one go.
package struct StageHistory: Sendable {
    /// The last execution of each stage, by the stage's id.
    package var last: [String: Attempt]

    /// What is known of the keys of these executions.
    package var answers: [Digest: Answer]

    package init(last: [String: Attempt] = [:], answers: [Digest: Answer] = [:]) {
        self.last = last
        self.answers = answers
    }

    /// An execution as a run used it.
    package struct Attempt: Hashable, Sendable {
        package let origin: Lineage.Origin

        /// The canonical text of its key document.
        package let document: String

        /// `nil` unless it failed.
        package let error: String?

        package init(origin: Lineage.Origin, document: String, error: String? = nil) {
            self.origin = origin
            self.document = document
            self.error = error
        }
    }

    /// What executions of a key left.
    package struct Answer: Hashable, Sendable {
        /// The outputs of the finished one; `nil` if none finished.
        package var outputs: [String: Digest]?

        /// The outputs whose archives are not there any more, sorted.
        package var missing: [String]

        /// The last step that an unfinished one can go on from.
        package var checkpoint: Int?

        /// Where a result is from that must not be used, such as "imported from run.tar.zst on 2026-01-31".
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

/// What is known from earlier runs of a pipeline. Each question is about many stages at once, so that a plan
/// of a thousand of them asks as often as one of ten.
package protocol StageMemory: Sendable {
    /// What is known of the stages with these ids.
    func history(of stages: [String]) throws -> StageHistory

    /// What is known of keys; one of which nothing is known is missing.
    func answers(to keys: [Digest]) throws -> [Digest: StageHistory.Answer]

    /// How the executions came about, up to where everything begins.
    func lineage(of executions: [Lineage.Origin]) throws -> Lineage
}

/// What is known where nothing was run yet.
package struct NoMemory: StageMemory {
    package init() {}

    package func history(of stages: [String]) -> StageHistory { StageHistory() }

    package func answers(to keys: [Digest]) -> [Digest: StageHistory.Answer] { [:] }

    package func lineage(of executions: [Lineage.Origin]) -> Lineage { Lineage() }
}
