import Foundation
import Processes

/// What the operating system says about this process and others: who they are, whether they live, and
/// how much time has passed. A value of functions, so that tests can have their own.
package struct HostClock: Sendable {
    /// Names one process among all that ever ran on machines that share a store.
    package struct Identity: Hashable, Sendable {
        package var host: String
        /// Which start of the machine.
        package var boot: String
        /// Of process numbers: containers have their own.
        package var namespace: String
        package var process: Int32
        /// In clock ticks since the start of the machine.
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

    /// Milliseconds of a clock that nobody can set. It starts with the machine.
    package var milliseconds: @Sendable () -> Int

    /// What is known of a process by its number.
    package struct ProcessState: Hashable, Sendable {
        /// In clock ticks since the start of the machine.
        package var start: Int
        /// Whether a signal has stopped it.
        package var isStopped: Bool

        package init(start: Int, isStopped: Bool = false) {
            self.start = start
            self.isStopped = isStopped
        }
    }

    /// The process with a number; `nil` if there is none.
    package var process: @Sendable (Int32) -> ProcessState?

    package init(
        identity: Identity, milliseconds: @escaping @Sendable () -> Int,
        process: @escaping @Sendable (Int32) -> ProcessState?
    ) {
        self.identity = identity
        self.milliseconds = milliseconds
        self.process = process
    }

    /// The real one.
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

    /// The machine's name, and its identifier where it has one: names repeat.
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

    /// A process that ended and was not waited for is gone too.
    private static func state(of process: Int32) -> ProcessState? {
        guard let record = ProcessTable.record(of: process), !record.isOver else { return nil }
        return ProcessState(start: record.start, isStopped: record.isStopped)
    }

    /// The content of a small file, empty if it cannot be read.
    private static func text(of path: String) -> String {
        (ProcessFile.text(path) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
