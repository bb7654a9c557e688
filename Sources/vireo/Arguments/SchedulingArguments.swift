import ArgumentParser
import Execution
import Pipeline
import Processes

/// The arguments that set the resources of a run.
struct SchedulingArguments: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The maximum number of stages that run at the same time (default: the number of "
                + "processors, or `jobs` of the profile).",
            valueName: "n"))
    var jobs: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The number of units of a pool, such as gpu=2.",
            valueName: "name=units"))
    var pool: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The total memory for stages that declare their memory, such as 16GB (default: all "
                + "of the machine's).",
            valueName: "bytes"))
    var memory: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The memory limit of a stage that does not declare its memory.", valueName: "bytes"))
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

    /// The capacity of a machine with `cpus` processors.
    func capacity(cpus: Int) throws -> Capacity {
        Capacity(
            cpus: cpus, memory: memory.flatMap(Resources.bytes) ?? MachineMemory.total(),
            pools: try pools(), jobs: jobs ?? cpus)
    }

    var memoryLimitBytes: Int? { memoryLimit.flatMap(Resources.bytes) }

    /// The units of the pools that `--pool` gives.
    func pools() throws -> [String: Int] {
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
