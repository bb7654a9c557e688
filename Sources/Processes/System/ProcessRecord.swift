import Glibc

/// A line of `/proc/PID/stat`.
package struct ProcessRecord: Hashable, Sendable {
    package let pid: Int32
    package let parent: Int32
    /// The start time in clock ticks since boot. Together with the process id it identifies a process.
    package let start: Int
    /// The resident size in bytes.
    package let memory: Int
    /// Whether it is a zombie.
    package let isOver: Bool
    /// Whether it is suspended by a signal.
    package let isStopped: Bool

    /// Parses a line. The second field, the name of the program in parentheses, may contain any characters.
    package init?(line: String, pageSize: Int) {
        guard let open = line.firstIndex(of: "("), let close = line.lastIndex(of: ")"),
            open < close, let pid = Int32(line[..<open].filter { $0 != " " })
        else { return nil }
        let fields = line[line.index(after: close)...].split(separator: " ")
        guard fields.count > 21, let parent = Int32(fields[1]), let start = Int(fields[19]),
            let pages = Int(fields[21])
        else { return nil }
        self.pid = pid
        self.parent = parent
        self.start = start
        let (bytes, isTooLarge) = pages.multipliedReportingOverflow(by: pageSize)
        memory = isTooLarge ? 0 : max(0, bytes)
        isOver = fields[0] == "Z" || fields[0] == "X"
        isStopped = fields[0] == "T"
    }
}

/// The resource usage of this process and of the children that it waited for.
package enum ProcessUsage {
    /// User and system time in seconds.
    package static func cpuSeconds() -> Double {
        var (own, children) = (rusage(), rusage())
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &own)
        getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &children)
        return own.cpuSeconds + children.cpuSeconds
    }

    /// The peak resident size of this process in bytes.
    package static func peakMemory() -> Int {
        var own = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &own)
        return own.ru_maxrss * 1024
    }
}
