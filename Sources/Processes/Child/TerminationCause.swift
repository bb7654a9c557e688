/// Why a process was ended by a signal that nobody here sent.
package enum TerminationCause: Hashable, Sendable {
    /// The kernel ended a process for want of memory in the meantime.
    case outOfMemory
    /// The process had nearly all memory there is.
    case probablyOutOfMemory
    case unknown

    /// `kills` is what `MachineMemory` counted before and after, `memory` all that there is.
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

    /// What to say after `was ended by signal 9`; empty if nothing is known.
    package var text: String {
        switch self {
        case .outOfMemory: ": the machine was out of memory"
        case .probablyOutOfMemory: ": probably out of memory"
        case .unknown: ""
        }
    }
}
