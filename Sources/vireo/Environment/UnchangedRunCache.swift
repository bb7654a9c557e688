import Files
import Pipeline
import Store

/// A way to answer a command that was answered before without reading the pipeline file: by the stamps of
/// all files it read then, and the values of the variables that stages declare.
struct UnchangedRunCache {
    let store: Store?
    let question: Digest
    let environment: [String: String]
    let isUsable: Bool

    /// The run that the command comes to, and how many stages it has; `nil` if that is not known.
    func answer() throws -> (run: RunID, stages: Int)? {
        guard isUsable, let store else { return nil }
        return try store.remembered(question, environment: environment)
    }

    /// Remembers the answer. Not if there were warnings, for these should show every time, and not while a
    /// file is so young that a change would not show.
    func keep(
        _ run: RunID, of plan: Plan, _ digests: FileDigests, hasWarnings: Bool, in store: Store
    ) throws {
        guard let evidence = digests.evidence, !hasWarnings else { return }
        try store.remember(
            run, asAnswerTo: question, while: evidence,
            environment: plan.stages.reduce(into: [:]) { $0.merge($1.environment) { $1 } })
    }

    /// The same, after a run that needed no store for writing.
    func keepIfPossible(
        _ run: RunID, of plan: Plan, _ digests: FileDigests, hasWarnings: Bool,
        in directory: String
    ) {
        guard !digests.fresh.isEmpty || (digests.evidence != nil && !hasWarnings) else { return }
        do {
            let store = try Store.openForWriting(directory)
            try store.remember(digests.fresh)
            try keep(run, of: plan, digests, hasWarnings: hasWarnings, in: store)
            try store.close()
        } catch {
            // A store that cannot be written answers all the same, if not as fast.
        }
    }
}
