import JSON

extension PipelineChecker {
    /// Reads `resources`: the names below, and pools.
    mutating func resources(of stage: StageOutline, _ scope: Scope) -> Resources {
        let known = ["cpus", "gpus", "memory", "time", "nodes"]
        var resources = Resources()
        for entry in stage.resources {
            guard let node = scope.substitute(entry.node, into: &findings) else { continue }
            let value = node.value
            let spelling = node.spelling
            var wanted = "a whole number from 1"
            var isRight = false
            switch entry.key {
            case "cpus":
                if let count = value.count(from: 1) { (resources.cpus, isRight) = (count, true) }
            case "gpus":
                wanted = "a whole number from 0"
                resources.gpus = value.count(from: 0)
                isRight = resources.gpus != nil
            case "nodes":
                resources.nodes = value.count(from: 1)
                isRight = resources.nodes != nil
            case "memory":
                wanted = "a size such as `2GB` or `512MiB`"
                resources.memory = Resources.bytes(spelling)
                isRight = resources.memory != nil
            case "time":
                wanted = Self.time
                resources.time = Resources.duration(spelling)
                isRight = resources.time != nil
            case let pool where isPool(pool, besides: known):
                wanted = "a whole number of units from 1"
                resources.pools[pool] = value.count(from: 1)
                isRight = resources.pools[pool] != nil
            default:
                findings.add(
                    Name.isValid(entry.key)
                        ? .unknownKey(entry.key, place: "`resources`", known: known)
                        : .badName(entry.key, what: "a pool"), at: entry.position)
                isRight = true
            }
            if !isRight {
                let mistake = Mistake.badResource(entry.key, wanted: wanted, found: node.summary)
                findings.add(mistake, at: node.position)
            }
        }
        return resources
    }

    /// The number of retries.
    mutating func retry(of stage: StageOutline, _ scope: Scope) -> Int {
        guard let entry = stage.retry,
            let node = scope.substitute(entry.node, into: &findings)
        else { return 0 }
        if let count = node.value.count(from: 0), count <= 100 { return count }
        findings.add(
            .badResource("retry", wanted: "a whole number from 0 to 100", found: node.summary),
            at: node.position)
        return 0
    }

    /// The time limit of an attempt.
    mutating func timeout(of stage: StageOutline, _ scope: Scope) -> Duration? {
        guard let entry = stage.timeout,
            let node = scope.substitute(entry.node, into: &findings)
        else { return nil }
        if let time = Resources.duration(node.spelling) { return time }
        findings.add(
            .badResource("timeout", wanted: Self.time, found: node.summary), at: node.position)
        return nil
    }

    private static let time = "a time such as `30m`, `2h` or `1d12h`"

    /// The names that batch systems and other tools have for resources.
    private static let foreignNames: Set = [
        "mem", "ram", "walltime", "runtime", "timelimit", "cores", "threads", "processors",
        "ntasks",
    ]

    /// Whether `name` is a pool rather than another name of a resource. `gpu` is a common name of a pool.
    private func isPool(_ name: String, besides known: [String]) -> Bool {
        Name.isValid(name) && !Self.foreignNames.contains(name)
            && (name == "gpu" || Suggestion.nearest(to: name, among: known) == nil)
    }
}

extension JSONValue {
    fileprivate func count(from least: Int) -> Int? {
        guard case .integer(let count) = self, count >= least, count < 1 << 20 else { return nil }
        return count
    }
}
