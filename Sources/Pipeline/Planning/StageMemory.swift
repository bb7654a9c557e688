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
