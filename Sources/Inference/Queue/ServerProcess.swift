import Processes
import Synchronization

/// A server that this process runs. The first request starts it, and later requests start it again if it has died. It
/// ends when this is released. An actor, because all requests wait for one start.
package actor ServerProcess: InferenceServer {
    /// The program of the server.
    package struct Launch: Sendable {
        package var executable: String
        /// The arguments of the next process, for a port of the loopback interface.
        package var arguments: @Sendable (_ port: Int) -> [String]
        package var environment: [String: String]
        /// Receives lines of standard output and standard error.
        package var receive: @Sendable (UnsafeRawBufferPointer) -> Void
        /// The line of the output of the last process that may explain why it ended.
        package var lastLine: @Sendable () -> String

        package init(
            executable: String, arguments: @escaping @Sendable (Int) -> [String],
            environment: [String: String],
            receive: @escaping @Sendable (UnsafeRawBufferPointer) -> Void,
            lastLine: @escaping @Sendable () -> String
        ) {
            self.executable = executable
            self.arguments = arguments
            self.environment = environment
            self.receive = receive
            self.lastLine = lastLine
        }
    }

    package nonisolated let name: String
    package nonisolated var restarts: Bool { true }

    private let launch: Launch
    private let transport: any HTTPTransport
    private let clock: RequestQueue.Clock
    private let log: @Sendable (String) -> Void

    private var process: ChildProcess?
    /// The address, and since when the process is ready.
    private var ready: (url: String, since: ContinuousClock.Instant)?
    private var isStarting = false
    private var wasReady = false
    /// Why it is not started again.
    private var failure: InferenceError?
    /// The number of processes in a row that ended soon.
    private var earlyEnds = 0
    /// The count of `MachineMemory` when the process was started.
    private var kills: Int?

    /// The number of processes in a row that may end soon after they were ready. A server that dies under load gets
    /// fewer requests each time. One that was never ready would never be, unless another program took its port.
    private static let earlyEndLimit = 6
    private static let early = Duration.seconds(60)
    private static let takenPort = "Address already in use"

    /// The time for the load of a large model from a slow disk.
    private static let startLimit = Duration.seconds(3600)
    private static let pause = Duration.milliseconds(200)

    /// `name` is that of the program, for messages.
    package init(
        _ name: String, _ launch: Launch, _ transport: any HTTPTransport,
        clock: RequestQueue.Clock = .system, log: @escaping @Sendable (String) -> Void
    ) {
        self.name = name
        self.launch = launch
        self.transport = transport
        self.clock = clock
        self.log = log
    }

    deinit { process?.kill() }

    /// Throws `InferenceError` if the process cannot be started or keeps dying.
    package func url() async throws -> String {
        while isStarting { try await clock.sleep(Self.pause) }
        if let failure { throw failure }
        if let ready, process?.status == nil { return ready.url }
        isStarting = true
        defer { isStarting = false }
        do {
            while true {
                if process != nil { try noteEnd() }
                if let url = try await start() { return url }
            }
        } catch let error as InferenceError {
            failure = error
            throw error
        }
    }

    /// Starts a process and waits until it is ready. Returns `nil` if it ended before.
    private func start() async throws -> String? {
        let port = LocalPort.unused() ?? 8000
        var child = ChildProcess.Launch(
            executable: launch.executable, arguments: launch.arguments(port),
            environment: launch.environment, output: .lines, errors: .lines)
        child.receive = { [launch] lines in
            launch.receive(lines)
            return true
        }
        child.receiveErrors = child.receive
        kills = MachineMemory.kills()
        let process: ChildProcess
        do {
            process = try ChildProcess(child)
        } catch {
            throw InferenceError.startFailure("\(error)")
        }
        self.process = process
        log("\(name) is started, and loads the model")
        let url = "http://127.0.0.1:\(port)"
        let health = HTTPRequest(method: "GET", url: url + "/health", seconds: 5, limit: 1 << 20)
        let begin = clock.now()
        while process.status == nil {
            if await answers(health) {
                let now = clock.now()
                ready = (url, now)
                wasReady = true
                log("\(name) is ready at \(url) after \(Int((now - begin) / .seconds(1))) s")
                return url
            }
            guard clock.now() - begin < Self.startLimit else {
                process.kill()
                throw InferenceError.serverNotReady(
                    name, seconds: Int(Self.startLimit / .seconds(1)), lastLine: launch.lastLine())
            }
            try await clock.sleep(Self.pause)
        }
        return nil
    }

    private func answers(_ request: HTTPRequest) async -> Bool {
        do {
            return try await transport.answer(to: request).status == 200
        } catch {
            // It does not listen yet; a cancellation is noticed by the pause.
            return false
        }
    }

    /// Throws if the process that has ended should not be started again.
    private func noteEnd() throws(InferenceError) {
        guard let status = process?.status else {
            // Its start was cancelled.
            process?.kill()
            process = nil
            return
        }
        let isEarly = ready.map { clock.now() - $0.since < Self.early } ?? true
        earlyEnds = isEarly ? earlyEnds + 1 : 0
        let cause = TerminationCause(
            of: status, kills: (kills, MachineMemory.kills()), memory: MachineMemory.total())
        let text = status.text + cause.text
        process = nil
        ready = nil
        let line = launch.lastLine()
        guard wasReady || line.contains(Self.takenPort), earlyEnds < Self.earlyEndLimit else {
            throw .serverEnded(name, status: text, lastLine: line)
        }
        log("\(name) \(text), and is started again; its last line: \(line)")
    }
}
