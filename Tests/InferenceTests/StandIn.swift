import Foundation
import Inference
import JSON
import Synchronization

/// Servers that answer as vLLM does, without a model: tokens are a function of the prompt and the seed, and the
/// log-probability of a token is a function of it. Every `every`-th completion is spoiled by the next fault.
final class StandIn: HTTPTransport {
    /// What a fault proxy does to a request.
    enum Fault: String, CaseIterable {
        // Before the server is asked.
        case tooMany, unavailable, broken, badGateway, refuse, stall
        // To its answer.
        case cut, noChoice, noIDs, noLogProbabilities, shortLogProbabilities, nullLogProbability
        case infiniteLogProbability, notANumber, abort, empty, usageLie, twice, notUTF8
        case repeatedName
    }

    struct Settings {
        var faults: [Fault] = []
        var every = 3
        var version = "0.32.0"
        var model = "tiny"
        var fingerprint = "stand-in"
        var contextLength = 1024
        var usesSeeds = true
        var isRepeatable = true
        /// The divisor of the log-probabilities of generated tokens.
        var temperature: Float = 1
        /// Addresses that cannot be connected to.
        var down: Set<String> = []
        /// Gives the answer to a completion instead of the server.
        var answer: (@Sendable (JSONValue) throws -> HTTPAnswer?)?
    }

    private struct State {
        var settings: Settings
        var completions: [JSONValue] = []
        var urls: [String] = []
        var headers: [[String: String]] = []
        var inFlight = 0
        var most = 0
        /// How often each request was spoiled.
        var spoiled: [JSONValue: Int] = [:]
    }

    private let state: Mutex<State>

    init(_ settings: Settings = Settings()) { state = Mutex(State(settings: settings)) }

    /// The bodies of the requests for completions.
    var completions: [JSONValue] { state.withLock { $0.completions } }
    var urls: [String] { state.withLock { $0.urls } }
    var headers: [[String: String]] { state.withLock { $0.headers } }
    /// The maximum number of requests in flight.
    var most: Int { state.withLock { $0.most } }

    func resetMost() { state.withLock { $0.most = $0.inFlight } }

    func change(_ change: (inout Settings) -> Void) { state.withLock { change(&$0.settings) } }

    func answer(to request: HTTPRequest) async throws -> HTTPAnswer {
        try Task.checkCancellation()
        let (settings, number) = state.withLock { state in
            state.inFlight += 1
            state.most = max(state.most, state.inFlight)
            state.urls.append(request.url)
            state.headers.append(request.headers)
            if let body = request.body.flatMap({ JSONValue(json: $0) }) {
                state.completions.append(body)
            }
            return (state.settings, state.completions.count - 1)
        }
        defer { state.withLock { $0.inFlight -= 1 } }
        await Task.yield()
        if settings.down.contains(where: request.url.hasPrefix) {
            throw HTTPFailure(.connect, detail: "Connection refused")
        }
        guard let body = request.body.flatMap({ JSONValue(json: $0) }) else {
            return Self.list(request.url, settings)
        }
        if let answer = try settings.answer?(body) { return answer }
        let fault = fault(for: body, number, settings)
        return try Self.spoiled(Self.completion(body, settings, number), fault)
    }

    /// Spoils the same request often, but not so often that it fails.
    private func fault(
        for body: JSONValue, _ number: Int, _ settings: Settings
    ) -> Fault? {
        guard !settings.faults.isEmpty, number % settings.every == 0 else { return nil }
        let times = state.withLock { state in
            state.spoiled[body, default: 0] += 1
            return state.spoiled[body, default: 0]
        }
        guard settings.every == 1 || times <= 8 else { return nil }
        return settings.faults[number / settings.every % settings.faults.count]
    }

    private static func list(_ url: String, _ settings: Settings) -> HTTPAnswer {
        url.hasSuffix("/version")
            ? HTTPAnswer(status: 200, body: "{\"version\":\"\(settings.version)\"}")
            : HTTPAnswer(
                status: 200,
                body:
                    "{\"data\":[{\"id\":\"\(settings.model)\",\"max_model_len\":\(settings.contextLength)}]}"
            )
    }

    /// The log-probability of a token.
    static func logProbability(of token: Int) -> Float { -0.5 - Float(token % 7) }

    private static func completion(
        _ body: JSONValue, _ settings: Settings, _ number: Int
    ) -> JSONValue {
        let prompt = integers(body["prompt"])
        let limit = integers(.array([body["max_tokens"] ?? .null]))[0]
        let seed = settings.usesSeeds ? integers(.array([body["seed"] ?? .null]))[0] : 0
        let start = prompt.reduce(seed) { ($0 &* 31 &+ $1) & 0xFFFF_FFFF }
        let salt = settings.isRepeatable ? 0 : number
        let tokens = (0..<limit).map { (start &* 7 &+ $0 &* 13 &+ salt) % 1000 + 5 }
        let scores =
            prompt.enumerated().map { index, token in
                index == 0
                    ? JSONValue.null
                    : .object([
                        "\(token)": .object([
                            "logprob": .number(Double(logProbability(of: token)))
                        ])
                    ])
            }
        return .object([
            "model": body["model"] ?? .null, "system_fingerprint": .string(settings.fingerprint),
            "choices": .array([
                .object([
                    "finish_reason": .string("length"),
                    "token_ids": .array(tokens.map { .integer($0) }),
                    "prompt_token_ids": body["prompt"] ?? .null,
                    "logprobs": .object([
                        "token_logprobs": .array(
                            tokens.map {
                                .number(Double(logProbability(of: $0) / settings.temperature))
                            })
                    ]),
                    "prompt_logprobs": body["prompt_logprobs"] == nil ? .null : .array(scores),
                ])
            ]),
            "usage": .object([
                "completion_tokens": .integer(limit), "prompt_tokens": .integer(prompt.count),
            ]),
        ])
    }

    private static func integers(_ value: JSONValue?) -> [Int] {
        guard case .array(let elements)? = value else { return [] }
        return elements.map { if case .integer(let integer) = $0 { integer } else { 0 } }
    }

    private static func spoiled(_ answer: JSONValue, _ fault: Fault?) throws -> HTTPAnswer {
        func whole(_ answer: JSONValue) -> HTTPAnswer {
            HTTPAnswer(status: 200, body: answer.canonical)
        }
        /// With `change` applied to the log-probabilities of generated and given tokens.
        func logProbabilities(_ change: (JSONValue?) -> JSONValue?) -> HTTPAnswer {
            whole(
                answer.changing("choices", "0", "logprobs", "token_logprobs", change: change)
                    .changing("choices", "0", "prompt_logprobs") { $0 == .null ? $0 : change($0) })
        }
        switch fault {
        case nil: return whole(answer)
        case .tooMany: return HTTPAnswer(status: 429, body: "{}")
        case .unavailable: return HTTPAnswer(status: 503, body: "{}")
        case .broken: return HTTPAnswer(status: 500, body: "{}")
        case .badGateway: return HTTPAnswer(status: 502, body: "<html>Bad Gateway</html>")
        case .refuse, .cut: throw HTTPFailure(.reset)
        case .stall: throw HTTPFailure(.timeout)
        case .noChoice: return whole(answer.changing("choices") { $0?.shortened })
        case .noIDs:
            return whole(
                answer.changing("choices", "0", "token_ids") { _ in nil }
                    .changing("choices", "0", "prompt_token_ids") { _ in nil })
        case .noLogProbabilities: return logProbabilities { _ in .null }
        case .shortLogProbabilities: return logProbabilities { $0?.shortened }
        case .nullLogProbability: return logProbabilities { $0?.ending(with: .null) }
        case .infiniteLogProbability: return logProbabilities { $0?.ending(with: .number(-9999)) }
        case .notANumber:
            let text = answer.canonical.replacingOccurrences(
                of: "\"model\"", with: "\"x\":NaN,\"model\"")
            return HTTPAnswer(status: 200, body: text)
        case .abort:
            return whole(
                answer.changing("choices", "0", "finish_reason") { _ in .string("abort") })
        case .empty:
            return whole(
                answer.changing("choices", "0", "token_ids") { _ in .array([]) }
                    .changing("usage", "prompt_tokens") { _ in .integer(0) })
        case .usageLie:
            return whole(
                answer.changing("usage", "completion_tokens") { _ in .integer(99) }
                    .changing("usage", "prompt_tokens") { _ in .integer(99) })
        case .twice:
            return HTTPAnswer(status: 200, body: answer.canonical + answer.canonical)
        case .notUTF8: throw HTTPFailure(.notText)
        case .repeatedName:
            return HTTPAnswer(
                status: 200, body: answer.canonical.dropLast() + ",\"model\":\"another\"}")
        }
    }
}

/// A clock whose pauses take no time.
final class StandInClock: Sendable {
    private let time = Mutex(ContinuousClock.now)

    var clock: RequestQueue.Clock {
        RequestQueue.Clock(
            now: { self.time.withLock { $0 } },
            sleep: { pause in
                try Task.checkCancellation()
                self.time.withLock { $0 += pause }
            })
    }
}

/// Lines of a log.
final class Lines: Sendable {
    private let all = Mutex<[String]>([])
    func add(_ line: String) { all.withLock { $0.append(line) } }
    var lines: [String] { all.withLock { $0 } }
}
