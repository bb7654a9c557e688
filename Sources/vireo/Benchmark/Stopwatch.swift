import Glibc

/// The wall time and the processor time of this process since the creation of the stopwatch.
struct Stopwatch {
    struct Elapsed {
        var seconds: Double
        var cpu: Double

        static func += (sum: inout Elapsed, more: Elapsed) {
            sum.seconds += more.seconds
            sum.cpu += more.cpu
        }
    }

    static let zero = Elapsed(seconds: 0, cpu: 0)

    private let start = ContinuousClock.now
    private let cpu = Stopwatch.processorSeconds

    var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

    var elapsed: Elapsed { Elapsed(seconds: seconds, cpu: Stopwatch.processorSeconds - cpu) }

    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
