import ArgumentParser
import Execution
import Pipeline
import Processes

/// The arguments that say what the stages of a run share.
struct SchedulingArguments: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Most stages at a time.", valueName: "n"))
    var jobs: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How many units a pool has, such as gpu=2, for stages that take from it.",
            valueName: "name=units"))
    var pool: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Memory for stages that say what they need, such as 16GB; otherwise all there is.",
            valueName: "bytes"))
    var memory: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Memory that a stage may use which does not say what it needs.", valueName: "bytes"))
    var memoryLimit: String?

    func validate() throws {
        if let jobs, jobs < 1 { throw ValidationError("--jobs must be 1 or more") }
        for (name, value) in [("--memory", memory), ("--memory-limit", memoryLimit)] {
            if let value, Resources.bytes(value) == nil {
                throw ValidationError("\(name) takes a size such as 2GB or 512MiB, not '\(value)'")
            }
        }
        _ = try pools()
    }

    /// Of a machine with so many processors.
    func capacity(cpus: Int) throws -> Capacity {
        Capacity(
            cpus: cpus, memory: memory.flatMap(Resources.bytes) ?? MachineMemory.total(),
            pools: try pools(), jobs: jobs ?? cpus)
    }

    var memoryLimitBytes: Int? { memoryLimit.flatMap(Resources.bytes) }

    private func pools() throws -> [String: Int] {
        var pools: [String: Int] = [:]
        for text in pool {
            let parts = text.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, let units = Int(parts[1]), units >= 0 else {
                throw ValidationError(
                    "--pool takes a name and a number such as gpu=2, not '\(text)'")
            }
            pools[String(parts[0])] = units
        }
        return pools
    }
}
