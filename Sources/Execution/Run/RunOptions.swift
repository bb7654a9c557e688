import Foundation
import Pipeline
import Processes
import Store

/// The options of a run on this machine.
package struct RunOptions: Sendable {
    /// The resources that stages share.
    package var capacity: Capacity
    /// The memory limit, in bytes, of a stage that declares none.
    package var memoryLimit: Int?
    /// Stages that run even if they are cached.
    package var forced: Set<String>
    /// Whether stages that do not depend on a failed one still start.
    package var keepsGoing: Bool
    /// The program and arguments that run a worker if a job file is appended.
    package var worker: [String]
    package var environment: [String: String]
    /// The working directory of commands.
    package var directory: String
    /// The command line in front of those of commands, which runs them in the environment of the profile.
    package var prefix: [String]?
    /// Whether this process adopts orphaned descendants; it must then start no children that `children` does not know.
    package var adoptsOrphans: Bool
    package var children: ChildRegistry
    /// The shared cache that is asked for results before stages run.
    package var remote: RemoteCache?
    /// The batch system that runs the stages; `nil` for workers of this machine.
    package var queue: QueueSettings?
    /// The batch system in whose queue earlier runs may have left jobs; `nil` if there is none here.
    package var earlierSystem: (any BatchSystem)?
    /// The pauses before retries of a failed stage.
    package var backoff: Backoff
    /// Returns a random number from 0 to 1.
    package var chance: @Sendable () -> Double

    package init(
        capacity: Capacity, memoryLimit: Int? = nil, forced: Set<String> = [],
        keepsGoing: Bool = false, worker: [String], environment: [String: String],
        directory: String, prefix: [String]? = nil, adoptsOrphans: Bool = false,
        children: ChildRegistry = ChildRegistry(), remote: RemoteCache? = nil,
        queue: QueueSettings? = nil, backoff: Backoff = .usual,
        chance: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) {
        self.capacity = capacity
        self.memoryLimit = memoryLimit
        self.forced = forced
        self.keepsGoing = keepsGoing
        self.worker = worker
        self.environment = environment
        self.directory = directory
        self.prefix = prefix
        self.adoptsOrphans = adoptsOrphans
        self.children = children
        self.remote = remote
        self.queue = queue
        self.backoff = backoff
        self.chance = chance
    }

    /// The prefix of the program of a stage; `nil` for stages that run no program.
    func prefix(of stage: PlannedStage) -> [String]? { stage.kind.runsProgram ? prefix : nil }
}
