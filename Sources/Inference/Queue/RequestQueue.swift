import JSON

/// Spreads requests over the servers of a model and repeats those that fail. Each server has a window: the number of
/// requests in flight that it seems to cope with. It shrinks by half when the server fails and grows by one per window
/// of answers. A server that fails for too long is put aside. An actor, because all requests share the windows.
package actor RequestQueue {
    package struct Policy: Sendable {
        /// The maximum number of requests in flight per server.
        package var concurrency = 64
        /// The time limit of a request.
        package var seconds = 600
        /// The time for which a server may fail, in seconds.
        package var outageSeconds = 300
        /// How often a request is sent before it counts as failed.
        package var attempts = 12
        /// The key that the servers ask for.
        package var key: String?

        package init() {}

        /// The maximum size of an answer, in bytes.
        static let answerLimit = 64 << 20

        /// The time after which a server that fails is reported.
        static let silence = Duration.seconds(5)

        /// The pause after the given number of failures of a request.
        static func pause(after failures: Int) -> Duration {
            .milliseconds(min(30_000, 500 << min(failures - 1, 10)))
        }
    }

    /// Time, which tests replace.
    package struct Clock: Sendable {
        package var now: @Sendable () -> ContinuousClock.Instant
        package var sleep: @Sendable (Duration) async throws -> Void

        package init(
            now: @escaping @Sendable () -> ContinuousClock.Instant,
            sleep: @escaping @Sendable (Duration) async throws -> Void
        ) {
            self.now = now
            self.sleep = sleep
        }

        package static let system = Clock(now: { .now }, sleep: { try await Task.sleep(for: $0) })
    }

    private struct Server {
        let address: any InferenceServer
        /// The address of the last request, if the server restarts.
        var url: String?
        /// The maximum number of requests in flight, as an average.
        var window: Double
        var inFlight = 0
        /// The time and reason of the first failure since the last answer.
        var failing: Failing?
        /// The last reason, once the server is put aside.
        var end: AnswerFault?
    }

    /// A time without answers.
    private struct Failing {
        let since: ContinuousClock.Instant
        let first: AnswerFault
        var isReported = false
    }

    /// The permission to send a request to a server.
    private struct Slot {
        let server: Int
        /// The number of the permission, which tells whether the window has shrunk since.
        let number: Int
    }

    private struct Waiter {
        let server: Int?
        let continuation: CheckedContinuation<Slot, any Error>
    }

    /// The number of servers.
    package nonisolated let count: Int
    private nonisolated let names: [String]

    private let transport: any HTTPTransport
    private let policy: Policy
    private let clock: Clock
    private let log: @Sendable (String) -> Void
    private var servers: [Server]
    private var waiters: [Waiter] = []
    private var slots = 0
    /// For each server, the number of slots when its window shrank last.
    private var shrunkAt: [Int]

    /// `log` receives messages about servers that fail.
    package init(
        _ servers: [any InferenceServer], _ transport: any HTTPTransport, _ policy: Policy,
        clock: Clock = .system, log: @escaping @Sendable (String) -> Void
    ) {
        self.transport = transport
        self.policy = policy
        self.clock = clock
        self.log = log
        self.servers = servers.map { Server(address: $0, window: Double(policy.concurrency)) }
        shrunkAt = servers.map { _ in 0 }
        count = servers.count
        names = servers.map(\.name)
    }

    /// The name of the server at an index, for messages.
    nonisolated func name(of server: Int) -> String { names[server] }

    /// Sends a request to one of the servers, or to the one at index `server`, until it has an answer that `read`
    /// accepts. Throws `InferenceError`, and `CancellationError` if the task is cancelled.
    package func value<Value: Sendable>(
        of request: ServerRequest, at server: Int? = nil,
        _ read: @Sendable (JSONValue) throws(AnswerFault) -> Value
    ) async throws -> Value {
        var (failures, spoiled) = (0, 0)
        while true {
            let slot = try await slot(at: server)
            defer { release(slot) }
            try Task.checkCancellation()
            let fault: AnswerFault
            switch try await attempt(request, at: servers[slot.server].address, slot, read) {
            case .success(let value):
                noteAnswer(slot)
                return value
            case .failure(let found): fault = found
            }
            let name = names[slot.server]
            guard fault.remedy != .fail else { throw InferenceError.refused(name, fault) }
            failures += 1
            if fault.isOfRequest { spoiled += 1 }
            guard spoiled < policy.attempts else {
                throw InferenceError.failed(name, attempts: failures, fault)
            }
            guard fault.remedy == .wait else { continue }
            noteFailure(slot, fault)
            // The slot stays taken, so that a server that fails is asked less often.
            try await clock.sleep(Policy.pause(after: failures))
        }
    }

    /// Sends a request once.
    private nonisolated func attempt<Value: Sendable>(
        _ request: ServerRequest, at server: any InferenceServer, _ slot: Slot,
        _ read: @Sendable (JSONValue) throws(AnswerFault) -> Value
    ) async throws -> Result<Value, AnswerFault> {
        let answer: HTTPAnswer
        do {
            let url = try await server.url()
            if server.restarts { await noteAddress(url, slot) }
            answer = try await transport.answer(to: message(request, to: url))
        } catch let failure as HTTPFailure {
            return .failure(.transport(failure))
        }
        guard answer.status == 200 else {
            return .failure(.status(answer.status, body: withoutKey(answer.body)))
        }
        return Result { () throws(AnswerFault) in try read(try Self.json(answer.body)) }
    }

    /// A text of a server, which may repeat the key that it refuses, for a message.
    private nonisolated func withoutKey(_ text: String) -> String {
        guard let key = policy.key, !key.isEmpty else { return text }
        return text.replacing(key, with: "***")
    }

    private nonisolated func message(
        _ request: ServerRequest, to url: String
    ) throws(HTTPFailure) -> HTTPRequest {
        var headers: [String: String] = [:]
        if let key = policy.key {
            // An HTTP library would show the whole header.
            guard key.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                throw HTTPFailure(.invalid, detail: "the key is not one line of ASCII characters")
            }
            headers["Authorization"] = "Bearer \(key)"
        }
        if request.body != nil { headers["Content-Type"] = "application/json" }
        return HTTPRequest(
            method: request.body == nil ? "GET" : "POST", url: url + request.path, headers: headers,
            body: request.body, seconds: policy.seconds, limit: Policy.answerLimit)
    }

    private static func json(_ text: String) throws(AnswerFault) -> JSONValue {
        var text = text
        do {
            return try text.withUTF8 { bytes throws(JSONMistake) in
                try JSONValue(UnsafeRawBufferPointer(bytes))
            }
        } catch {
            throw .notJSON("\(error)")
        }
    }

    // MARK: Windows

    private func noteAddress(_ url: String, _ slot: Slot) {
        if servers[slot.server].url != url { servers[slot.server].failing = nil }
        servers[slot.server].url = url
    }

    private func noteAnswer(_ slot: Slot) {
        let server = slot.server
        if servers[server].failing?.isReported == true { log("\(names[server]) answers again") }
        servers[server].failing = nil
        servers[server].end = nil
        servers[server].window = min(
            Double(policy.concurrency), servers[server].window + 1 / servers[server].window)
    }

    private func noteFailure(_ slot: Slot, _ fault: AnswerFault) {
        let server = slot.server
        let now = clock.now()
        // All requests in flight fail together, which is one failure of the server.
        if slot.number > shrunkAt[server] {
            servers[server].window = max(1, servers[server].window / 2)
            shrunkAt[server] = slots
        }
        let failing = servers[server].failing ?? Failing(since: now, first: fault)
        servers[server].failing = failing
        guard servers[server].end == nil else { return }
        if now - failing.since >= Policy.silence, !failing.isReported {
            servers[server].failing?.isReported = true
            log("\(names[server]) fails and is asked again: \(fault)")
        }
        guard now - failing.since >= .seconds(policy.outageSeconds) else { return }
        servers[server].end = fault
        if servers.contains(where: { $0.end == nil }) {
            log("\(names[server]) is not asked any more: \(fault)")
        }
    }

    // MARK: Slots

    /// Waits for a slot. Throws if no server is left.
    private func slot(at server: Int?) async throws -> Slot {
        if waiters.isEmpty, let slot = try freeSlot(at: server) { return slot }
        return try await withCheckedThrowingContinuation { continuation in
            waiters.append(Waiter(server: server, continuation: continuation))
            serve()
        }
    }

    private func release(_ slot: Slot) {
        servers[slot.server].inFlight -= 1
        serve()
    }

    /// Gives free slots to requests that wait for them.
    private func serve() {
        var rest: [Waiter] = []
        for waiter in waiters {
            do {
                if let slot = try freeSlot(at: waiter.server) {
                    waiter.continuation.resume(returning: slot)
                } else {
                    rest.append(waiter)
                }
            } catch {
                waiter.continuation.resume(throwing: error)
            }
        }
        waiters = rest
    }

    /// A slot of the least busy server; `nil` if all are busy. Throws if no server is left.
    private func freeSlot(at wanted: Int?) throws(InferenceError) -> Slot? {
        let candidates = servers.indices.filter { wanted == nil || $0 == wanted }
        let left = candidates.filter { servers[$0].end == nil }
        guard !left.isEmpty else { throw unreachable(candidates) }
        let free = left.filter { Double(servers[$0].inFlight + 1) <= servers[$0].window }
        guard
            let server = free.min(by: {
                Double(servers[$0].inFlight) / servers[$0].window
                    < Double(servers[$1].inFlight) / servers[$1].window
            })
        else { return nil }
        servers[server].inFlight += 1
        slots += 1
        return Slot(server: server, number: slots)
    }

    private func unreachable(_ candidates: [Int]) -> InferenceError {
        .unreachable(
            candidates.compactMap { index in
                let server = servers[index]
                guard let first = server.failing?.first, let last = server.end else { return nil }
                return .init(server: names[index], first: first, last: last)
            })
    }
}

extension AnswerFault {
    /// Whether the request may be the cause. Otherwise it is repeated for as long as there is a server.
    fileprivate var isOfRequest: Bool {
        switch self {
        case .transport(let failure): failure.kind != .connect
        case .status(let status, _): status != 429 && status != 503
        case .aborted: false
        default: true
        }
    }
}
