import Pipeline
import Report
import Store

/// A pipeline as read and planned for a run.
struct PlannedRun {
    let pipeline: Pipeline

    /// The selected stages.
    let plan: Plan

    /// The ids of stages that run even if they are cached.
    let forced: Set<String>
    let hasWarnings: Bool

    /// Where the stages run; `nil` for this machine without an environment for programs.
    let profile: Profile?

    /// The files that were read.
    let digests: FileDigests

    /// Reads, checks and plans the pipeline file. Prints its warnings; on errors, prints them and exits.
    init(
        _ options: PipelineOptions, _ selection: RunSelection, _ digests: FileDigests,
        on profile: Profile?
    ) throws {
        let whole: Plan
        (pipeline, whole, hasWarnings) = try options.read(
            digests, environment: profile?.environment)
        (plan, forced) = try selection.apply(to: whole, of: pipeline)
        self.digests = digests
        self.profile = profile
    }

    /// Prints which stages would run, and why, after the mistakes of the stages at `placement`. `store` is the store of
    /// earlier runs, if there is one, and `remote` the shared cache. With the profile of a cluster, prints also what
    /// the run would take of it.
    func printListing(
        store: Store?, placement: Placement, remote: RemoteCache?,
        content: PlanListing.Content = .actions, asJSON: Bool
    ) throws {
        if let missing = MissingFiles(of: plan) {
            StandardStream.complain("vireo: warning: \(missing.text)\n")
        }
        try RunCheck(planned: self, placement: placement, remote: remote, store: store).report()
        let listing = PlanListing(
            plan: plan, pipeline: pipeline.name, forced: forced, remote: remote,
            profile: profile?.hasBatchSystem == true ? profile : nil, content: content)
        try StandardStream.print(
            asJSON ? listing.json(store: store) : listing.text(store: store))
    }
}
