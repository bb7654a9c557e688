/// Where stages are about to run, or would.
package struct Placement: Sendable {
    package var environment: [String: String]

    /// The profile of a batch system; `nil` for workers of this machine.
    package var profile: Profile?

    /// The pools whose units the run limits itself.
    package var pools: Set<String>

    /// Whether programs run in an environment of the profile, in which they are searched for.
    package var hasEnvironment: Bool

    /// Whether this machine has a program, given by its path or by a name in `PATH`.
    package var isInstalled: @Sendable (String) -> Bool

    /// Whether the stages are about to run. What can still be changed before a run is only a warning in a plan.
    package var isRun: Bool

    package init(
        environment: [String: String], profile: Profile? = nil, pools: Set<String> = [],
        isInstalled: @escaping @Sendable (String) -> Bool = { _ in true }, isRun: Bool
    ) {
        self.environment = environment
        self.profile = profile?.hasBatchSystem == true ? profile : nil
        self.pools = pools
        hasEnvironment = profile?.environment != nil
        self.isInstalled = isInstalled
        self.isRun = isRun
    }
}
