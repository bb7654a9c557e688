/// A failure of inference servers.
package enum InferenceError: Error, Hashable, Sendable {
    /// The first reason why a server failed and the last, before it was put aside.
    package struct Outage: Hashable, Sendable {
        package let server: String
        package let first: AnswerFault
        package let last: AnswerFault

        package init(server: String, first: AnswerFault, last: AnswerFault) {
            self.server = server
            self.first = first
            self.last = last
        }
    }

    /// All servers were put aside.
    case unreachable([Outage])
    /// An answer shows that all later ones would be wrong.
    case refused(String, AnswerFault)
    /// A request failed repeatedly.
    case failed(String, attempts: Int, AnswerFault)
    case tooManyFailures(Int, of: Int, limit: Double, last: String)

    case otherVersion(String, found: String, declared: String)
    case unknownModel(String, name: String, known: [String])
    case ignoresSeeds(String, ServerKind)
    case unrepeatable(String)
    /// The log-probability of a generated token differs from that of the same token as part of a given text.
    case otherScores(String, ServerKind, difference: Float)
    case cannotScore(ServerKind)

    case noProgram
    case startFailure(String)
    /// A server that the stage started has ended, and is not started again.
    case serverEnded(String, status: String, lastLine: String)
    case serverNotReady(String, seconds: Int, lastLine: String)
    /// The program that sends requests has ended.
    case programEnded(String)
    case unreadableKey(String)
    case unwritableJournal(String, reason: String)
}

extension InferenceError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let outages):
            "no inference server is left: " + outages.map(Self.text).joined(separator: "; ")
                + "; start a server, or correct `urls` of `backend`"
        case .refused(let server, let fault): "\(server): \(fault)"
        case .failed(let server, let attempts, let fault):
            "\(server) failed \(attempts) times to answer the same request: \(fault)"
        case .tooManyFailures(let count, let total, let limit, let last):
            "\(count) of \(total) requests failed, and `failed_limit` is \(limit); the last one: \(last)"
        case .otherVersion(let server, let found, let declared):
            "\(server) has the version \(found), not \(declared): set `version`, which is part of the cache key"
        case .unknownModel(let server, let name, let known):
            "\(server) does not serve the model `\(name)`"
                + (known.isEmpty ? "" : ", but \(known.map { "`\($0)`" }.joined(separator: ", "))")
        case .ignoresSeeds(let server, let kind):
            "\(server) gives the same text for different seeds, so that all samples would be equal"
                + (kind == .sglang ? ": start it with --enable-deterministic-inference" : "")
        case .unrepeatable(let server):
            "\(server) gives different texts for the same seed, so that a result could not be repeated"
        case .otherScores(let server, let kind, let difference):
            "\(server) gives generated tokens other log-probabilities than the same tokens in a given text, on average by \(difference)"
                + (kind == .sglang ? ": set SGLANG_RETURN_ORIGINAL_LOGPROB=1 for it" : "")
        case .cannotScore(let kind):
            "\(kind.rawValue) does not compute log-probabilities of given texts: use vllm, or the engine of Vireo with `backend: null`"
        case .noProgram:
            "the program vireo-http, which connects to inference servers, is missing: run `make all`, or put it in PATH"
        case .startFailure(let reason): reason
        case .serverEnded(let server, let status, let lastLine):
            "\(server) \(status)" + (lastLine.isEmpty ? "" : ": \(lastLine)")
                + "; its output is in the log of the stage"
        case .serverNotReady(let server, let seconds, let lastLine):
            "\(server) is not ready after \(seconds) s" + (lastLine.isEmpty ? "" : ": \(lastLine)")
        case .programEnded(let status): "vireo-http \(status) before all requests were answered"
        case .unreadableKey(let path): "cannot read the key of the server from \(path)"
        case .unwritableJournal(let path, let reason): "cannot write \(path): \(reason)"
        }
    }

    private static func text(_ outage: Outage) -> String {
        outage.first == outage.last
            ? "\(outage.server): \(outage.last)"
            : "\(outage.server): first \(outage.first), at last \(outage.last)"
    }

    /// Whether a retry is pointless.
    package var isLasting: Bool {
        switch self {
        case .unreachable, .failed, .tooManyFailures, .startFailure, .programEnded, .unreadableKey,
            .unwritableJournal, .serverEnded, .serverNotReady:
            false
        case .refused, .otherVersion, .unknownModel, .ignoresSeeds, .unrepeatable, .otherScores,
            .cannotScore, .noProgram:
            true
        }
    }
}
