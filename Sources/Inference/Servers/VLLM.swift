import JSON

/// The interface of vLLM, tested with 0.32.0: its completions with `return_token_ids`. Log-probabilities are those at
/// temperature 1, before all filters.
struct VLLM: ServerAPI {
    let version = (path: "/version", field: "version")

    func generation(of request: GenerationRequest, model: String) -> ServerRequest {
        var body = Self.body(request.prompt, model)
        body["max_tokens"] = .integer(request.maxTokens)
        body["temperature"] = .number(request.temperature)
        body["top_k"] = .integer(request.topK == 0 ? -1 : request.topK)
        body["top_p"] = .number(request.topP)
        body["min_p"] = .number(request.minP)
        body["seed"] = .integer(Int(clamping: request.seed))
        body["logprobs"] = .integer(0)
        body["stop"] = request.stopTexts.json
        body["stop_token_ids"] = request.stopTokens.sorted().json
        return ServerRequest(path: "/v1/completions", body: .object(body))
    }

    /// The parameters of all requests. Otherwise the server takes some from the model's generation_config.json.
    private static func body(_ prompt: [Int32], _ model: String) -> [String: JSONValue] {
        [
            "model": .string(model), "prompt": prompt.json, "n": .integer(1),
            "stream": .bool(false), "echo": .bool(false), "return_token_ids": .bool(true),
            // Only the stop tokens of the request end a continuation.
            "ignore_eos": .bool(true), "min_tokens": .integer(0),
            "repetition_penalty": .number(1), "presence_penalty": .number(0),
            "frequency_penalty": .number(0),
        ]
    }

    func generation(
        in answer: JSONValue, to request: GenerationRequest, model: String, _ text: TokenText
    ) throws(AnswerFault) -> Generation {
        let choice = try Self.choice(in: answer, to: request.prompt, model)
        let reason = try choice.text("finish_reason")
        guard reason != "abort" else { throw .aborted }
        guard reason == "stop" || reason == "length" else { throw .unknownEnd(reason) }
        let tokens = try choice.list("token_ids").tokens()
        let values = try choice.list("logprobs", "token_logprobs")
        try tokens.count.check("log-probabilities", values.count)
        try tokens.count.check(
            "completion tokens in `usage`", answer.integer("usage", "completion_tokens"))
        var logProbabilities: [Float] = []
        for (position, value) in values.enumerated() {
            logProbabilities.append(try Optional(value).logProbability(at: position))
        }
        return Generation(
            tokens: tokens, logProbabilities: logProbabilities,
            end: try request.end(of: tokens, isStopped: reason == "stop", text))
    }

    func fingerprint(of answer: JSONValue) -> String? { answer["system_fingerprint"]?.text }

    func scoring(of tokens: [Int32], model: String) -> ServerRequest? {
        var body = Self.body(tokens, model)
        body["max_tokens"] = .integer(1)
        body["temperature"] = .number(1)
        body["top_k"] = .integer(-1)
        body["top_p"] = .number(1)
        body["min_p"] = .number(0)
        body["seed"] = .integer(0)
        body["prompt_logprobs"] = .integer(0)
        return ServerRequest(path: "/v1/completions", body: .object(body))
    }

    func scores(
        in answer: JSONValue, of tokens: [Int32], model: String
    ) throws(AnswerFault) -> [Float] {
        let choice = try Self.choice(in: answer, to: tokens, model)
        guard try choice.text("finish_reason") != "abort" else { throw .aborted }
        let values = try choice.list("prompt_logprobs")
        try tokens.count.check("log-probabilities", values.count)
        var scores: [Float] = []
        for (position, token) in tokens.enumerated().dropFirst() {
            let value = values[position]["\(token)"]?["logprob"]
            scores.append(try value.logProbability(at: position))
        }
        return scores
    }

    /// The only choice, if it is the answer to `prompt`.
    private static func choice(
        in answer: JSONValue, to prompt: [Int32], _ model: String
    ) throws(AnswerFault) -> JSONValue {
        let name = try answer.text("model")
        guard name == model else { throw .otherModel(name, expected: model) }
        let choices = try answer.list("choices")
        try 1.check("choices", choices.count)
        guard try choices[0].list("prompt_token_ids").tokens() == prompt else { throw .otherPrompt }
        try prompt.count.check(
            "prompt tokens in `usage`", answer.integer("usage", "prompt_tokens"))
        return choices[0]
    }
}
