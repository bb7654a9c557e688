import JSON

/// The interface of llama.cpp's llama-server, tested with b10434: its `/completion`, which alone returns token ids. It
/// stops only at the end-of-text token of the model, and does not return the log-probabilities of a stop text, so that stop
/// tokens and stop texts are searched for in its answer. It cannot compute log-probabilities of given texts.
struct LlamaServer: ServerAPI {
    let version = (path: "/props", field: "build_info")

    func generation(of request: GenerationRequest, model: String) -> ServerRequest {
        ServerRequest(
            path: "/completion",
            body: .object([
                "prompt": request.prompt.json, "n_predict": .integer(request.maxTokens),
                "temperature": .number(request.temperature), "top_k": .integer(request.topK),
                "top_p": .number(request.topP), "min_p": .number(request.minP),
                "samplers": ["top_k", "top_p", "min_p", "temperature"].json,
                // 32 bits; all ones ask for a random seed.
                "seed": .integer(Int(request.seed % 0xFFFF_FFFF)),
                "stop": .array([]), "n_probs": .integer(1),
                "post_sampling_probs": .bool(false), "return_tokens": .bool(true),
                "cache_prompt": .bool(false), "stream": .bool(false), "n_keep": .integer(-1),
            ]))
    }

    func generation(
        in answer: JSONValue, to request: GenerationRequest, model: String, _ text: TokenText
    ) throws(AnswerFault) -> Generation {
        let name = try answer.text("model")
        guard name == model else { throw .otherModel(name, expected: model) }
        var tokens = try answer.list("tokens").tokens()
        let entries = try answer.list("completion_probabilities")
        try tokens.count.check("log-probabilities", entries.count)
        try tokens.count.check("predicted tokens", answer.integer("tokens_predicted"))
        guard try answer.integer("tokens_evaluated") == request.prompt.count else {
            throw .otherPrompt
        }
        var logProbabilities: [Float] = []
        for (position, entry) in entries.enumerated() {
            guard entry["id"]?.integer == Int(tokens[position]) else {
                throw .badToken(position: position)
            }
            logProbabilities.append(try entry["logprob"].logProbability(at: position))
        }
        let reason = try answer.text("stop_type")
        guard reason == "eos" || reason == "limit" else { throw .unknownEnd(reason) }
        if let end = try Self.stop(in: tokens, of: request, text) {
            tokens = Array(tokens[...end])
            logProbabilities = Array(logProbabilities[...end])
            return Generation(tokens: tokens, logProbabilities: logProbabilities, end: .stop)
        }
        if reason == "eos", let last = tokens.last {
            // Without stop conditions, as in a probe, any end is right.
            guard request.stopTokens.isEmpty, request.stopTexts.isEmpty else {
                throw .foreignStop(token: last)
            }
            return Generation(tokens: tokens, logProbabilities: logProbabilities, end: .stop)
        }
        return Generation(
            tokens: tokens, logProbabilities: logProbabilities,
            end: try request.end(of: tokens, isStopped: false, text))
    }

    /// The place of the first stop token, or of the token that completes the first stop text.
    private static func stop(
        in tokens: [Int32], of request: GenerationRequest, _ text: TokenText
    ) throws(AnswerFault) -> Int? {
        let token = tokens.firstIndex(where: request.stopTokens.contains)
        let before = tokens[..<(token ?? tokens.count)]
        guard try request.hasStopText(before, text) else { return token }
        var (start, end) = (0, before.count)
        while end - start > 1 {
            let middle = (start + end) / 2
            if try request.hasStopText(before[..<middle], text) {
                end = middle
            } else {
                start = middle
            }
        }
        return end - 1
    }

    func fingerprint(of answer: JSONValue) -> String? { nil }

    func scoring(of tokens: [Int32], model: String) -> ServerRequest? { nil }

    func scores(
        in answer: JSONValue, of tokens: [Int32], model: String
    ) throws(AnswerFault) -> [Float] { throw .missing("prompt_logprobs") }
}
