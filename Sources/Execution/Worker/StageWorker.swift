import Foundation
import Spawn

/// A worker process at one job, and the mark of what it starts.
struct StageWorker: Sendable {
    let child: ChildProcess
    let receiver: JobReceiver
    let mark: String
    /// That of the job, for a worker that serves many.
    var token = ""
    /// How many processes the kernel had ended for want of memory when this one started.
    let kills: Int?
    /// Whether it takes another job after this one.
    let isServing: Bool
}
