import Foundation
import Pipeline
import Store

/// How to run a plan on this machine.
package struct RunOptions: Sendable {
    /// What stages share.
    package var capacity: Capacity
    /// Bytes that a stage may use which says nothing of memory.
    package var memoryLimit: Int?
    /// Stages that run even if they are cached.
    package var forced: Set<String>
    /// Whether stages that do not depend on a failed one still start.
    package var keepsGoing: Bool
    /// The program and arguments that, with a job file added, run a worker.
    package var worker: [String]
    package var environment: [String: String]
    /// Where commands run.
    package var directory: String
    /// Whether this process adopts what its descendants leave behind, and starts nothing but workers.
    package var adoptsOrphans: Bool
    /// How long to wait before a failed stage is tried again.
    package var backoff: Backoff
    /// From 0 to 1, another one each time.
    package var chance: @Sendable () -> Double

    package init(
        capacity: Capacity, memoryLimit: Int? = nil, forced: Set<String> = [],
        keepsGoing: Bool = false, worker: [String], environment: [String: String],
        directory: String, adoptsOrphans: Bool = false, backoff: Backoff = .usual,
        chance: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) {
        self.capacity = capacity
        self.memoryLimit = memoryLimit
        self.forced = forced
        self.keepsGoing = keepsGoing
        self.worker = worker
        self.environment = environment
        self.directory = directory
        self.adoptsOrphans = adoptsOrphans
        self.backoff = backoff
        self.chance = chance
    }
}
