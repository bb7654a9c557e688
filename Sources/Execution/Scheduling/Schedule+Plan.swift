import Pipeline

extension Schedule {
    /// `seconds` is about how long stages take, by their ids. Of the others nothing is known: they are
    /// taken for as long as those are on average.
    package init(_ plan: Plan, capacity: Capacity, seconds: [String: Double] = [:]) {
        var places: [String: Int] = [:]
        for (place, stage) in plan.stages.enumerated() { places[stage.id] = place }
        let known = plan.stages.compactMap { seconds[$0.id] }
        let usual = known.isEmpty ? 1 : known.reduce(0, +) / Double(known.count)
        self.init(
            plan.stages.map { stage in
                Task(
                    after: stage.after.compactMap { places[$0] }.sorted(),
                    cpus: stage.resources.cpus, memory: stage.resources.memory ?? 0,
                    shares: stage.resources.shares, duration: seconds[stage.id] ?? usual)
            }, capacity: capacity)
    }
}
