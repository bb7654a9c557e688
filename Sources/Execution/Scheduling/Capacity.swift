import Pipeline

/// What stages share.
package struct Capacity: Hashable, Sendable {
    package var cpus: Int
    /// Bytes.
    package var memory: Int
    /// What a pool has to give out, by its name; `gpu` is what `resources.gpus` takes from.
    package var pools: [String: Int]
    /// Most stages at a time.
    package var jobs: Int

    package init(cpus: Int, memory: Int = .max, pools: [String: Int] = [:], jobs: Int = .max) {
        self.cpus = max(1, cpus)
        self.memory = memory
        self.pools = pools
        self.jobs = max(1, jobs)
    }

    /// What `plan` can never have here.
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
    /// Units by pool; `gpus` are units of the pool `gpu`.
    var shares: [String: Int] {
        var shares = pools.filter { $0.value > 0 }
        if let gpus, gpus > 0 { shares["gpu"] = max(gpus, shares["gpu"] ?? 0) }
        return shares
    }
}
