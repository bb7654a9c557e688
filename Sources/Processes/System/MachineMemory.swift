import Glibc

/// The memory of the machine, and the number of processes that the kernel killed for lack of it.
package enum MachineMemory {
    /// The memory in bytes: that of the machine, or less if a control group limits it.
    package static func total() -> Int {
        let physical = sysconf(Int32(_SC_PHYS_PAGES)) * Int(getpagesize())
        let groups = ProcessFile.text("/proc/self/cgroup") ?? ""
        return limits(groups: groups) { ProcessFile.text($0) }.reduce(physical, min)
    }

    /// The memory limits of the control groups of a process, given its `/proc/PID/cgroup`.
    package static func limits(groups: String, read: (String) -> String?) -> [Int] {
        groups.split(separator: "\n").flatMap { line -> [Int] in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return [] }
            let isUnified = parts[0] == "0" && parts[1].isEmpty
            guard isUnified || parts[1].split(separator: ",").contains("memory") else { return [] }
            let root = isUnified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
            let file = isUnified ? "memory.max" : "memory.limit_in_bytes"
            // The limit of a group applies to its descendants too. In a container the root is the group itself.
            var path = String(parts[2])
            var found: [Int] = []
            while true {
                let name = root + (path == "/" ? "" : path) + "/" + file
                if let text = read(name), let bytes = Int(text.filter { !$0.isWhitespace }) {
                    found.append(bytes)
                }
                guard let slash = path.lastIndex(of: "/"), path != "/" else { return found }
                path = slash == path.startIndex ? "/" : String(path[..<slash])
            }
        }
    }

    /// The number of processes that the kernel has killed for lack of memory since boot; nil if unknown.
    package static func kills() -> Int? {
        ProcessFile.text("/proc/vmstat").flatMap(kills(in:))
    }

    package static func kills(in statistics: String) -> Int? {
        let line = statistics.split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
        return line.flatMap { Int($0.dropFirst("oom_kill ".count)) }
    }
}
