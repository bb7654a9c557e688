import Foundation
import Inference
import JSON
import Testing
import TestSupport

@Suite(.timeLimit(.minutes(10)))
struct RequestQueueTests {
    private let log = Lines()
    private let api = ServerKind.vllm.api

    /// An outage that does not end, however often the clock of the tests advances.
    private static let never = 1 << 40

    private func queue(
        _ server: StandIn, urls: [String] = ["http://a:1"], concurrency: Int = 8,
        outage: Int = 300, key: String = "secret"
    ) throws -> RequestQueue {
        var policy = RequestQueue.Policy()
        policy.concurrency = concurrency
        policy.outageSeconds = outage
        policy.key = key
        return RequestQueue(
            try urls.map { try #require(ServerPlace($0)) }, server, policy,
            clock: StandInClock().clock, log: { [log] in log.add($0) })
    }

    private func generation(
        _ queue: RequestQueue, seed: UInt64 = 7
    ) async throws -> Generation {
        let request = GenerationRequest(prompt: [1, 2, 3], maxTokens: 5, seed: seed)
        return try await queue.value(of: api.generation(of: request, model: "tiny")) {
            [api] answer throws(AnswerFault) in
            try api.generation(in: answer, to: request, model: "tiny") { _ in "" }
        }
    }

    private func failure(_ queue: RequestQueue) async -> String {
        do {
            _ = try await generation(queue)
            return "none"
        } catch {
            return "\(error)"
        }
    }

    @Test("Each fault alone is repaired by a second request", arguments: StandIn.Fault.allCases)
    func fault(_ fault: StandIn.Fault) async throws {
        let expected = try await generation(try queue(StandIn()))
        let server = StandIn(.init(faults: [fault], every: 2))
        #expect(try await generation(try queue(server)) == expected)
        #expect(server.completions.count == 2)
        #expect(server.completions[0] == server.completions[1])
    }

    @Test("A request has the key of the policy and the path of the server")
    func message() async throws {
        let server = StandIn()
        _ = try await generation(try queue(server, urls: ["https://a:1/v1/"]))
        #expect(server.urls == ["https://a:1/v1/completions"])
        #expect(
            server.headers == [
                ["Authorization": "Bearer secret", "Content-Type": "application/json"]
            ])
    }

    @Test("A request that always gets a damaged answer fails after twelve attempts")
    func damaged() async throws {
        let server = StandIn(.init(faults: [.noIDs], every: 1))
        #expect(
            await failure(try queue(server))
                == "http://a:1 failed 12 times to answer the same request: the answer has no valid `prompt_token_ids`"
        )
        #expect(server.completions.count == 12)
    }

    @Test("A client error fails at once, with the message of the server")
    func refused() async throws {
        let server = StandIn(
            .init(answer: { _ in HTTPAnswer(status: 401, body: "{\"error\":\"Unauthorized\"}") }))
        #expect(
            await failure(try queue(server))
                == "http://a:1: HTTP status 401: {\"error\":\"Unauthorized\"}")
        #expect(server.completions.count == 1)
    }

    @Test("No message contains the key")
    func key() async throws {
        let server = StandIn(
            .init(answer: { _ in HTTPAnswer(status: 401, body: "secret is not a valid key") }))
        #expect(
            await failure(try queue(server))
                == "http://a:1: HTTP status 401: *** is not a valid key")
        for key in ["two\nlines", "sécret"] {
            #expect(
                await failure(try queue(StandIn(), key: key))
                    == "http://a:1: the request cannot be sent (the key is not one line of ASCII characters)"
            )
        }
    }

    @Test("A server that fails for too long is put aside, and the others answer")
    func aside() async throws {
        let server = StandIn(.init(down: ["http://b:2"]))
        let queue = try queue(
            server, urls: ["http://a:1", "http://b:2"], concurrency: 4, outage: 60)
        let texts = try await withThrowingTaskGroup(of: [Int32].self) { group in
            for seed in 0..<40 {
                group.addTask { try await generation(queue, seed: UInt64(seed)).tokens }
            }
            return try await group.reduce(into: Set<[Int32]>()) { $0.insert($1) }
        }
        #expect(texts.count == 40)
        #expect(log.lines.allSatisfy { $0.hasPrefix("http://b:2 ") })
    }

    @Test("Without a server left, the first and the last reason of each are named")
    func unreachable() async throws {
        let calls = Lines()
        let server = StandIn(
            .init(answer: { _ in
                calls.add("")
                guard calls.lines.count == 1 else {
                    throw HTTPFailure(.connect, detail: "Connection refused")
                }
                return HTTPAnswer(status: 503, body: "CPU Generator does not use offset")
            }))
        let queue = try queue(server, outage: 10)
        #expect(
            await failure(queue)
                == "no inference server is left: http://a:1: first HTTP status 503: CPU Generator does not use offset, at last cannot connect (Connection refused); start a server, or correct `urls` of `backend`"
        )
        #expect(log.lines.count == 1)
        #expect(await failure(queue).hasPrefix("no inference server is left: http://a:1: first"))
    }

    @Test("The window limits the requests in flight, and shrinks when the server fails")
    func window() async throws {
        func run(_ server: StandIn, _ count: Int, _ queue: RequestQueue) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for seed in 0..<count {
                    group.addTask { _ = try await generation(queue, seed: UInt64(seed)) }
                }
                try await group.waitForAll()
            }
        }
        let server = StandIn()
        try await run(server, 50, try queue(server, concurrency: 6))
        #expect(server.most <= 6)
        let full = StandIn(.init(faults: [.tooMany], every: 1))
        let queue = try queue(full, concurrency: 64, outage: Self.never)
        async let failing: Void = run(full, 64, queue)
        while full.completions.count < 300 { await Task.yield() }
        full.resetMost()
        while full.completions.count < 400 { await Task.yield() }
        #expect(full.most <= 2)
        full.change { $0.faults = [] }
        try await failing
    }

    @Test("A cancelled task ends soon and frees its slot")
    func cancellation() async throws {
        let server = StandIn(.init(faults: [.tooMany], every: 1))
        let queue = try queue(server, concurrency: 1, outage: Self.never)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    await #expect(throws: CancellationError.self) {
                        _ = try await generation(queue)
                    }
                }
            }
            while server.completions.isEmpty { await Task.yield() }
            group.cancelAll()
        }
        server.change { $0.faults = [] }
        _ = try await generation(queue)
    }

    @Test("The address of a job is read from its file, again after it moved")
    func endpoint() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/endpoint.json"
        let server = StandIn(.init(down: ["http://old:1"]))
        try Data("{\"url\":\"http://old:1/v1\",\"job\":\"7\"}".utf8).write(
            to: URL(fileURLWithPath: path))
        let queue = try queue(server, urls: [path], outage: Self.never)
        async let answer = generation(queue)
        while server.urls.isEmpty { await Task.yield() }
        try Data("{\"url\":\"http://new:2/v1\"}".utf8).write(
            to: URL(fileURLWithPath: path), options: .atomic)
        _ = try await answer
        #expect(server.urls.last == "http://new:2/v1/completions")
    }

    /// A server whose process dies with every request.
    private struct Dying: InferenceServer {
        let name = "dying"
        let restarts: Bool
        let starts = Lines()

        func url() -> String {
            starts.add("")
            return "http://a:\(starts.lines.count)"
        }
    }

    @Test(
        "The time for which a server may fail begins anew with each process",
        arguments: [true, false])
    func restarts(_ restarts: Bool) async throws {
        let calls = Lines()
        let server = StandIn(
            .init(answer: { _ in
                calls.add("")
                if calls.lines.count < 8 { throw HTTPFailure(.connect, detail: "refused") }
                return nil
            }))
        var policy = RequestQueue.Policy()
        policy.outageSeconds = 1
        let queue = RequestQueue(
            [Dying(restarts: restarts)], server, policy, clock: StandInClock().clock,
            log: { [log] in log.add($0) })
        let failure = await failure(queue)
        #expect(
            failure
                == (restarts
                    ? "none"
                    : "no inference server is left: dying: cannot connect (refused); start a server, or correct `urls` of `backend`")
        )
    }

    @Test("A file without an address is a server that cannot be reached")
    func noEndpoint() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/endpoint.json"
        #expect(
            await failure(try queue(StandIn(), urls: [path], outage: 1))
                == "no inference server is left: the server of \(path): cannot connect (there is no file \(path)); start a server, or correct `urls` of `backend`"
        )
    }

    @Test(
        "Only addresses and absolute paths are places of servers",
        arguments: ["", "a:1", "http://", "ftp://a", "endpoint.json"])
    func places(_ text: String) {
        #expect(ServerPlace(text) == nil)
    }
}
