import JSON

/// The interface of llama.cpp's llama-server, tested with b10434: its `/completion`, which alone returns token ids. It
/// stops only at the end-of-text token of the model, so that other stop tokens are searched for in its answer. It cannot
/// compute log-probabilities of given texts.
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
                "stop": request.stopTexts.json, "n_probs": .integer(1),
                "post_sampling_probs": .bool(false), "return_tokens": .bool(true),
                "cache_prompt": .bool(false), "stream": .bool(false), "n_keep": .integer(-1),
            ]))
    }

    func generation(
        in answer: JSONValue, to request: GenerationRequest, model: String
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
        guard ["eos", "word", "limit"].contains(reason) else { throw .unknownEnd(reason) }
        if let end = tokens.firstIndex(where: request.stopTokens.contains) {
            tokens = Array(tokens[...end])
            logProbabilities = Array(logProbabilities[...end])
        } else if reason == "eos", let last = tokens.last {
            // Without stop conditions, as in a probe, any end is right.
            guard request.stopTokens.isEmpty, request.stopTexts.isEmpty else {
                throw .foreignStop(token: last)
            }
            return Generation(tokens: tokens, logProbabilities: logProbabilities, end: .stop)
        }
        return Generation(
            tokens: tokens, logProbabilities: logProbabilities,
            end: try request.end(of: tokens, isStopped: reason == "word"), fingerprint: nil)
    }

    func scoring(of tokens: [Int32], model: String) -> ServerRequest? { nil }

    func scores(
        in answer: JSONValue, of tokens: [Int32], model: String
    ) throws(AnswerFault) -> [Float] { throw .missing("prompt_logprobs") }
}
