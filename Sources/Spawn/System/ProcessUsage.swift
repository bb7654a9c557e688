import Glibc

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
