/// A process that writes to the store.
package struct RunnerRecord: Hashable, Sendable {
    package let id: Int64
    package let identity: HostClock.Identity
    /// Its last sign of life, in milliseconds of its machine's monotonic clock.
    package let beat: Int

    package init(id: Int64, identity: HostClock.Identity, beat: Int) {
        self.id = id
        self.identity = identity
        self.beat = beat
    }

    /// Such as `process 4711 on calypso`.
    package var name: String {
        "process \(identity.process) on \(identity.host.split(separator: "/").first ?? "?")"
    }
}
