import Glibc

/// The exit status of a process and its resource usage.
package struct ExitStatus: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    package let outcome: Outcome

    /// The user and system time of the process and of the children that it waited for.
    package let cpuSeconds: Double

    /// The peak resident size in bytes.
    package let peakMemory: Int

    package init(outcome: Outcome, cpuSeconds: Double, peakMemory: Int) {
        self.outcome = outcome
        self.cpuSeconds = cpuSeconds
        self.peakMemory = peakMemory
    }

    /// The status from the results of `wait4`.
    init(code: Int32, usage: rusage) {
        let signal = code & 0x7F
        outcome = signal == 0 ? .exited(code >> 8 & 0xFF) : .killed(signal: signal)
        cpuSeconds = usage.cpuSeconds
        peakMemory = usage.ru_maxrss * 1024
    }

    package var isSuccess: Bool { outcome == .exited(0) }

    /// The status in words, such as `exited with status 3` or `was killed by signal 9`.
    package var text: String {
        switch outcome {
        case .exited(let code): "exited with status \(code)"
        case .killed(let signal): "was killed by signal \(signal)"
        }
    }
}

extension rusage {
    var cpuSeconds: Double {
        func seconds(_ time: timeval) -> Double {
            Double(time.tv_sec) + Double(time.tv_usec) * 1e-6
        }
        return seconds(ru_utime) + seconds(ru_stime)
    }
}
