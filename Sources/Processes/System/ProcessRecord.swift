import Glibc

/// A line of `/proc/PID/stat`.
package struct ProcessRecord: Hashable, Sendable {
    package let pid: Int32
    package let parent: Int32
    /// In clock ticks since the start of the machine: with the number it names one process.
    package let start: Int
    /// Resident memory in bytes.
    package let memory: Int
    /// Whether it has ended and only waits to be reaped.
    package let isOver: Bool
    /// Whether a signal has stopped it.
    package let isStopped: Bool

    /// The second field, the program's name in brackets, may hold anything.
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

/// What this process and the children it waited for have used so far.
package enum ProcessUsage {
    /// User and system time in seconds.
    package static func cpuSeconds() -> Double {
        var (own, children) = (rusage(), rusage())
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &own)
        getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &children)
        return own.cpuSeconds + children.cpuSeconds
    }

    /// Largest resident set of this process in bytes.
    package static func peakMemory() -> Int {
        var own = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &own)
        return own.ru_maxrss * 1024
    }
}
