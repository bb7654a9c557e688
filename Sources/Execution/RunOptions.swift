import Foundation
import Pipeline
import Store

/// How to run a plan on this machine.
package struct RunOptions: Sendable {
    /// Processors to share among stages.
    package var cores: Int
    /// Most stages at a time.
    package var jobs: Int
    /// Stages that run even if they are cached.
    package var forced: Set<String>
    /// Whether stages that do not depend on a failed one still start.
    package var keepsGoing: Bool
    /// The program and arguments that, with a job file added, run a worker.
    package var worker: [String]
    package var environment: [String: String]
    /// Where commands run.
    package var directory: String

    package init(
        cores: Int, jobs: Int, forced: Set<String> = [], keepsGoing: Bool = false,
        worker: [String], environment: [String: String], directory: String
    ) {
        self.cores = max(1, cores)
        self.jobs = max(1, jobs)
        self.forced = forced
        self.keepsGoing = keepsGoing
        self.worker = worker
        self.environment = environment
        self.directory = directory
    }
}
