import Files
import Glibc

/// The times of a process that runs.
package struct ProcessTimes: Sendable {
    /// The processor time of its threads; zero if it has ended.
    package let used: Duration

    /// The time in which its present threads were ready to run but waited for a processor; zero if it is unknown.
    package let waited: Duration

    package init(of pid: pid_t) {
        var clock = clockid_t()
        var time = timespec()
        let isKnown = clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &time) == 0
        used = isKnown ? .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec) : .zero
        waited = Self.threads(of: pid).reduce(.zero) { $0 + Self.waited(thread: $1) }
    }

    /// The directories of the threads.
    private static func threads(of pid: pid_t) -> [String] {
        let directory = "/proc/\(pid)/task"
        do {
            return try OpenDirectory(directory).names().map { directory + "/" + $0 }
        } catch {
            // It has ended.
            return []
        }
    }

    /// The second number of `schedstat`, in nanoseconds.
    private static func waited(thread: String) -> Duration {
        let numbers = ProcessFile.text(thread + "/schedstat")?.split(separator: " ") ?? []
        return .nanoseconds(numbers.count > 1 ? Int64(numbers[1]) ?? 0 : 0)
    }
}
