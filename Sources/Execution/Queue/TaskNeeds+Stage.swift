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

    /// The resources in words, such as `2 CPUs, 4 GB, 1h`.
    var text: String {
        func count(_ number: Int, _ unit: String) -> String {
            "\(number) \(unit)\(number == 1 ? "" : "s")"
        }
        var parts = nodes == 1 ? [] : [count(nodes, "node")]
        parts.append(count(cpus, "CPU"))
        if gpus > 0 { parts.append(count(gpus, "GPU")) }
        if let memory { parts.append(Resources.text(bytes: memory)) }
        if let seconds { parts.append(Resources.text(.seconds(seconds))) }
        parts += pools.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }
        return parts.joined(separator: ", ")
    }
}
