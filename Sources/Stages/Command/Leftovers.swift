import Files
import Glibc
import Processes

/// The processes that a program left running when it ended. They may finish their output: the stage waits as
/// long as the outputs or the log grow.
struct Leftovers {
    let directories: [String]
    /// The maximum time without growth.
    let patience: Duration
    private var size = Size()
    private var grown: ContinuousClock.Instant?
    private var looked: ContinuousClock.Instant?
    /// The processes that did not end in time.
    private(set) var idle: [String] = []

    /// The time between two checks of the outputs.
    private static let pause = Duration.milliseconds(200)

    init(directories: [String], patience: Duration) {
        self.directories = directories
        self.patience = patience
    }

    /// Whether to keep waiting for processes that still run, given the number of lines received.
    mutating func isWorthWaiting(lines: Int, now: ContinuousClock.Instant) -> Bool {
        if let looked, now - looked < Self.pause { return true }
        looked = now
        var size = Size(lines: lines)
        for directory in directories { size.add(directory) }
        let since = grown.map { size == self.size ? $0 : now } ?? now
        (self.size, grown) = (size, since)
        guard now - since >= patience else { return true }
        idle = ProcessTable.current().descendants(of: getpid()).map { process in
            let command = ProcessTable.command(of: process.pid)
            return "\(process.pid)" + (command.isEmpty ? "" : " (\(command))")
        }
        return false
    }

    /// A measure that grows while something is written.
    private struct Size: Equatable {
        var lines = 0
        var names = 0
        var bytes: Int64 = 0
        var changed: Int64 = 0

        mutating func add(_ path: String) {
            let listed: [String]
            do {
                listed = try OpenDirectory(path).names()
            } catch {
                // It was removed in the meantime, or is not for this process to read.
                return
            }
            for name in listed {
                var status = stat()
                guard lstat(path + "/" + name, &status) == 0 else { continue }
                names += 1
                bytes &+= Int64(status.st_size)
                changed &+=
                    Int64(status.st_mtim.tv_sec) &* 1_000_000_000
                    &+ Int64(status.st_mtim.tv_nsec)
                if status.st_mode & S_IFMT == S_IFDIR { add(path + "/" + name) }
            }
        }
    }
}
