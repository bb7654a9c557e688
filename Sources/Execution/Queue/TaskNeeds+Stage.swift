import Pipeline

extension TaskNeeds {
    /// What a stage needs of the batch system of `profile`. A program gets those of its variables that are set.
    init(of stage: PlannedStage, on profile: Profile, environment: [String: String]) {
        let resources = profile.resources(of: stage)
        self.init()
        cpus = resources.cpus
        gpus = resources.gpus ?? 0
        nodes = resources.nodes ?? 1
        memory = resources.memory
        seconds = resources.time.map { Int($0 / .seconds(1)) }
        pools = resources.pools
        variables = stage.namedVariables.map(\.name).filter { environment[$0] != nil }.sorted()
    }
}
