import Pipeline
import Synchronization

/// The batch system of a run.
package struct QueueSettings: Sendable {
    package var profile: Profile
    package var shared: SharedDirectory
    package var system: any BatchSystem

    /// The digest of this program if the profile names a program of the nodes, which must be the same.
    package var programDigest: String?

    /// Whether jobs stay in the queue when the run is stopped.
    package var detachment: Detachment
    package var clock: TaskClock

    package init(
        profile: Profile, shared: SharedDirectory, system: any BatchSystem,
        programDigest: String? = nil, isDetached: Bool = false, clock: TaskClock = .system
    ) {
        self.profile = profile
        self.shared = shared
        self.system = system
        self.programDigest = programDigest
        detachment = Detachment(isDetached)
        self.clock = clock
    }
}

/// Whether jobs stay in the queue when their run is stopped. A class, because a signal may decide it during the run.
package final class Detachment: Sendable {
    private let flag: Atomic<Bool>

    package init(_ isDetached: Bool) { flag = Atomic(isDetached) }

    package var isDetached: Bool { flag.load(ordering: .relaxed) }

    package func detach() { flag.store(true, ordering: .relaxed) }
}
