/// A kind of inference server.
package enum ServerKind: String, Hashable, Sendable, CaseIterable {
    case vllm
    /// Written from its source and not tested with a running server.
    case sglang
    /// Generates only: it does not compute log-probabilities of given texts.
    case llamaServer = "llama-server"

    /// Its HTTP interface.
    package var api: any ServerAPI {
        switch self {
        case .vllm: VLLM()
        case .sglang: SGLang()
        case .llamaServer: LlamaServer()
        }
    }

    /// Whether it computes log-probabilities of given texts.
    package var scores: Bool { self != .llamaServer }
}
