import Foundation
import Processes

/// Information of the operating system on processes: their identity, whether they are alive, and elapsed time. A value
/// of functions, so that tests can replace them.
package struct HostClock: Sendable {
    /// Identifies a process among all processes of all machines that share a store.
    package struct Identity: Hashable, Sendable {
        package var host: String
        /// The identifier of the boot.
        package var boot: String
        /// The namespace of process ids; each container has its own.
        package var namespace: String
        package var process: Int32
        /// The start time, in clock ticks since boot.
        package var start: Int

        package init(host: String, boot: String, namespace: String, process: Int32, start: Int) {
            self.host = host
            self.boot = boot
            self.namespace = namespace
            self.process = process
            self.start = start
        }
    }

    /// This process.
    package var identity: Identity

    /// Milliseconds of a monotonic clock, which starts at boot.
    package var milliseconds: @Sendable () -> Int

    /// The state of a process.
    package struct ProcessState: Hashable, Sendable {
        /// The start time, in clock ticks since boot.
        package var start: Int
        /// Whether the process is suspended by a signal.
        package var isStopped: Bool

        package init(start: Int, isStopped: Bool = false) {
            self.start = start
            self.isStopped = isStopped
        }
    }

    /// The state of the process with an id; `nil` if there is none.
    package var process: @Sendable (Int32) -> ProcessState?

    package init(
        identity: Identity, milliseconds: @escaping @Sendable () -> Int,
        process: @escaping @Sendable (Int32) -> ProcessState?
    ) {
        self.identity = identity
        self.milliseconds = milliseconds
        self.process = process
    }

    /// The clock of this machine.
    package static let current = HostClock(
        identity: Identity(
            host: host, boot: Boot.identifier, namespace: namespace,
            process: getpid(), start: state(of: getpid())?.start ?? 0),
        milliseconds: {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
        },
        process: state(of:))

    /// The host name, with the machine identifier if there is one, because host names are not unique.
    private static var host: String {
        let name = text(of: "/proc/sys/kernel/hostname")
        let machine = text(of: "/etc/machine-id")
        return machine.isEmpty ? name : name + "/" + machine.prefix(12)
    }

    private static var namespace: String {
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = readlink("/proc/self/ns/pid", &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : ""
    }

    /// A zombie counts as ended.
    private static func state(of process: Int32) -> ProcessState? {
        guard let record = ProcessTable.record(of: process), !record.isOver else { return nil }
        return ProcessState(start: record.start, isStopped: record.isStopped)
    }

    /// The contents of a small file; empty if it cannot be read.
    private static func text(of path: String) -> String {
        (ProcessFile.text(path) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
