/// Where a run executes its stages: the name of a system and how to use it. A profile is a small YAML file outside of
/// the pipeline, so that the same pipeline runs anywhere with the same cache keys.
package struct Profile: Hashable, Sendable {
    package enum System: String, Hashable, Sendable, CaseIterable {
        /// Worker processes of this machine.
        case local
        /// Jobs of a Slurm cluster.
        case slurm
    }

    /// The name of the file without its extension.
    package var name: String
    package var system: System

    /// A directory that this machine and all nodes have under the same path. Empty for `local`.
    package var shared = ""

    /// The environment of the programs of `command` stages; `nil` for that of the machine.
    package var environment: ProgramEnvironment?

    /// The path of the program on the nodes; `nil` for a copy of this program in the shared directory.
    package var worker: String?
    package var partition: String?
    package var account: String?

    /// Further arguments of `sbatch`.
    package var options: [String] = []

    /// The environment modules that a job loads.
    package var modules: [String] = []

    /// Lines of shell that a job runs before its stage.
    package var setup: String?

    /// The maximum number of stages that are submitted at the same time.
    package var jobs = 1_000

    /// The maximum number of tasks of an array; Slurm's own limit is `MaxArraySize`.
    package var arraySize = 1_000

    /// The maximum number of tasks of an array that run at the same time.
    package var concurrentTasks: Int?

    /// Stages that usually take less time together than this are run by one task.
    package var batch: Duration?

    /// The time between two questions to the scheduler.
    package var poll = Duration.seconds(10)

    /// How long a result may stay invisible after its job has ended: network file systems cache directories.
    package var visibility = Duration.seconds(120)

    /// After a submission without an answer, the time between the two looks into the queue that prove that there is no
    /// such job.
    package var confirmation = Duration.seconds(60)

    /// What a stage gets that does not say what it needs.
    package var defaults = Resources()

    /// The argument of `sbatch` for GPUs and for each pool; `{units}` is the number of units.
    package var gpus = "--gres=gpu:{units}"
    package var pools: [String: String] = [:]
    package var rates: Rates?

    /// Prices of an hour.
    package struct Rates: Hashable, Sendable {
        package var cpu = 0.0
        package var gpu = 0.0
        package var node = 0.0
        package var currency = ""

        package init() {}
    }

    package init(name: String, system: System) {
        self.name = name
        self.system = system
    }

    /// Whether stages run as jobs of a batch system.
    package var hasBatchSystem: Bool { system != .local }

    /// The resources of a stage, with the defaults for what it does not say.
    package func resources(of stage: PlannedStage) -> Resources {
        var resources = stage.resources
        if resources.cpus == 1 { resources.cpus = defaults.cpus }
        resources.gpus = resources.gpus ?? defaults.gpus
        resources.memory = resources.memory ?? defaults.memory
        resources.time = resources.time ?? defaults.time
        resources.nodes = resources.nodes ?? defaults.nodes
        return resources
    }
}
