import Files
import Glibc

/// A program that has run in a sandbox to its end, or was killed. Nothing of it is left.
package struct SandboxRun: Sendable {
    package enum Outcome: Hashable, Sendable {
        /// Bubblewrap reports a signal as 128 and its number.
        case ended(ExitStatus.Outcome)
        /// It took more time than the limit, by its processor time or by the clock.
        case late
        /// Killed because it wrote more than the limit.
        case longOutput
        /// Killed on request.
        case cancelled
    }

    package let outcome: Outcome

    /// Standard output, at most as long as the limit.
    package private(set) var output: [UInt8] = []

    /// The end of standard error.
    package private(set) var errors: [UInt8] = []

    /// The processor time of the program and its processes in seconds.
    package let cpuSeconds: Double

    /// The peak resident size of one process in bytes.
    package let peakMemory: Int

    /// The length of the kept end of standard error, in bytes.
    private static let errorLimit = 4096
    /// The time between two checks of the limits, in milliseconds.
    private static let tick: Int32 = 50
    /// The time between two checks of the time limit, which read `/proc`.
    private static let interval = Duration.milliseconds(250)
    /// The time that killed processes may take to end, in milliseconds.
    private static let patience = 5000

    /// Runs `command` with `input` as its standard input, and blocks the thread until it has ended. More than
    /// `outputLimit` bytes of output end it, and so does `isCancelled`. Throws `SpawnError` if it cannot be started.
    package init(
        _ command: [String], in sandbox: Sandbox, input: [UInt8], outputLimit: Int,
        isCancelled: () -> Bool
    ) throws(SpawnError) {
        var child = try SandboxChild(command, in: sandbox, input: input)
        let start = ContinuousClock.now
        var nextCheck = start + Self.interval
        var reason: Outcome?
        while reason == nil, child.isRunning {
            child.exchange(within: Self.tick, output: &output, errors: &errors)
            errors = errors.suffix(Self.errorLimit)
            let now = ContinuousClock.now
            if output.count > outputLimit {
                output.removeLast(output.count - outputLimit)
                reason = .longOutput
            } else if isCancelled() {
                reason = .cancelled
            } else if now > nextCheck {
                nextCheck = now + Self.interval
                if child.exceeds(sandbox.limits, elapsed: now - start) { reason = .late }
            }
        }
        let status = child.end(killing: reason != nil, within: Self.patience)
        cpuSeconds = status?.cpuSeconds ?? 0
        peakMemory = status?.peakMemory ?? 0
        if reason == nil, cpuSeconds > Double(sandbox.limits.seconds) { reason = .late }
        // A process without a status is stuck in a device.
        outcome = reason ?? status.map { .ended($0.outcome) } ?? .late
    }

    /// The last line of standard error that is not blank; empty if there is none.
    package var lastLine: String {
        let lines = String(decoding: errors, as: UTF8.self).split(whereSeparator: \.isNewline)
        return lines.last { $0.contains { !$0.isWhitespace } }.map(String.init) ?? ""
    }
}

/// A running program in a sandbox, and the pipes to it.
private struct SandboxChild {
    private let child: ChildProcess
    private var output: Descriptor?
    private var errors: Descriptor?
    private var unsent: ArraySlice<UInt8>
    private var isInputOpen = true

    init(_ command: [String], in sandbox: Sandbox, input: [UInt8]) throws(SpawnError) {
        let pipes = (
            try DescriptorPair.pipe(for: sandbox.executable),
            try DescriptorPair.pipe(for: sandbox.executable)
        )
        // The ends for writing must stay open until the program has inherited them, and no longer.
        defer { withExtendedLifetime(pipes) {} }
        // The program could read the environment of bubblewrap.
        child = try ChildProcess(
            .init(
                executable: sandbox.executable, arguments: sandbox.arguments(running: command),
                environment: [:], output: .descriptor(pipes.0.second.number),
                errors: .descriptor(pipes.1.second.number)))
        (output, errors) = (pipes.0.first, pipes.1.first)
        unsent = input[...]
    }

    /// Whether the program runs or has output that was not read.
    var isRunning: Bool { output != nil || errors != nil || child.status == nil }

    /// Whether the program exceeds its time limit, `elapsed` after its start. On a busy machine, the time in which it
    /// waits for a processor is not its fault.
    func exceeds(_ limits: Sandbox.Limits, elapsed: Duration) -> Bool {
        let processes = [child.pid] + ProcessTable.current().descendants(of: child.pid).map(\.pid)
        let times = processes.map { ProcessTimes(of: $0) }
        let used = times.reduce(.zero) { $0 + $1.used }
        let waited = times.reduce(.zero) { $0 + $1.waited }
        return used > limits.processorTime || elapsed - waited > limits.duration
    }

    /// Sends input and appends available output. Waits for at most `milliseconds`.
    mutating func exchange(
        within milliseconds: Int32, output given: inout [UInt8], errors said: inout [UInt8]
    ) {
        if isInputOpen, unsent.isEmpty {
            shutdown(child.input.number, Int32(SHUT_WR))
            isInputOpen = false
        }
        guard output != nil || errors != nil else {
            // The status follows the end of the output.
            usleep(500)
            return
        }
        var states = [
            pollfd(fd: output?.number ?? -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors?.number ?? -1, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: isInputOpen ? child.input.number : -1, events: Int16(POLLOUT), revents: 0),
        ]
        guard poll(&states, UInt(states.count), milliseconds) > 0 else { return }
        if states[2].revents != 0 {
            // A closed standard input is no failure: the program need not read it.
            unsent = unsent.dropFirst(child.offer(unsent) ?? unsent.count)
        }
        if states[0].revents != 0 { Self.read(&output, into: &given) }
        if states[1].revents != 0 { Self.read(&errors, into: &said) }
    }

    private static func read(_ stream: inout Descriptor?, into bytes: inout [UInt8]) {
        guard let file = stream else { return }
        let count = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
            let count = Glibc.read(file.number, buffer.baseAddress, buffer.count)
            if count > 0 { bytes += buffer[..<count] }
            return count
        }
        if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) { stream = nil }
    }

    /// Waits until the program has ended; with `killing`, its processes are killed first. Returns its status; `nil` if it
    /// does not end.
    func end(killing: Bool, within milliseconds: Int) -> ExitStatus? {
        if killing {
            // Bubblewrap outlives the program and reaps it.
            StageProcesses.endDescendants(of: child.pid)
        }
        for _ in 0..<1000 where child.status == nil { usleep(1000) }
        if child.status == nil { child.kill() }
        for _ in 0..<milliseconds where child.status == nil { usleep(1000) }
        return child.status
    }
}
