/// The reason why a process was killed by a signal that this program did not send.
package enum TerminationCause: Hashable, Sendable {
    /// The kernel killed a process for lack of memory in the meantime.
    case outOfMemory
    /// The process used nearly all memory of the machine.
    case probablyOutOfMemory
    case unknown

    /// `kills` contains the counts of `MachineMemory` before and after; `memory` is the total memory.
    package init(of status: ExitStatus, kills: (before: Int?, after: Int?), memory: Int) {
        guard status.outcome == .killed(signal: 9) else {
            self = .unknown
            return
        }
        if let before = kills.before, let after = kills.after, after > before {
            self = .outOfMemory
        } else if status.peakMemory > memory / 10 * 8 {
            self = .probablyOutOfMemory
        } else {
            self = .unknown
        }
    }

    /// The text after `was killed by signal 9`; empty if the reason is unknown.
    package var text: String {
        switch self {
        case .outOfMemory: ": the machine was out of memory"
        case .probablyOutOfMemory: ": probably out of memory"
        case .unknown: ""
        }
    }
}
