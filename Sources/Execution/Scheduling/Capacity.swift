import Pipeline

/// The resources that stages share.
package struct Capacity: Hashable, Sendable {
    package var cpus: Int
    /// In bytes.
    package var memory: Int
    /// The units of each pool by its name; `resources.gpus` takes from the pool `gpu`.
    package var pools: [String: Int]
    /// The maximum number of stages that run at the same time.
    package var jobs: Int

    package init(cpus: Int, memory: Int = .max, pools: [String: Int] = [:], jobs: Int = .max) {
        self.cpus = max(1, cpus)
        self.memory = memory
        self.pools = pools
        self.jobs = max(1, jobs)
    }

    /// The resources that `plan` needs and that this capacity can never provide.
    func shortages(of plan: Plan) -> [Shortage] {
        plan.stages.flatMap { stage in
            let resources = stage.resources
            var shortages: [Shortage] = []
            if let needed = resources.memory, needed > memory {
                shortages.append(.memory(stage: stage.id, needed: needed, available: memory))
            }
            for (pool, needed) in resources.shares.sorted(by: { $0.key < $1.key }) {
                let available = pools[pool] ?? 0
                guard needed > available else { continue }
                shortages.append(
                    .pool(pool, stage: stage.id, needed: needed, available: available))
            }
            return shortages
        }
    }
}

extension Resources {
    /// The units by pool; `gpus` are units of the pool `gpu`.
    var shares: [String: Int] {
        var shares = pools.filter { $0.value > 0 }
        if let gpus, gpus > 0 { shares["gpu"] = max(gpus, shares["gpu"] ?? 0) }
        return shares
    }
}
