import JSON

/// The interface of SGLang, written from the source of 0.5.23 and not tested with a running server: its `/generate`
/// with token ids. Seeds have an effect only with `--enable-deterministic-inference`, and log-probabilities are those at
/// temperature 1 only with `SGLANG_RETURN_ORIGINAL_LOGPROB`; the probe at the start of a stage notices both.
struct SGLang: ServerAPI {
    let version = (path: "/server_info", field: "version")

    func generation(of request: GenerationRequest, model: String) -> ServerRequest {
        Self.request(
            request.prompt, logProbabilitiesFrom: -1,
            [
                "max_new_tokens": .integer(request.maxTokens),
                "temperature": .number(request.temperature),
                "top_k": .integer(request.topK == 0 ? -1 : request.topK),
                "top_p": .number(request.topP), "min_p": .number(request.minP),
                "sampling_seed": .integer(Int(clamping: request.seed)),
                "stop": request.stopTexts.json,
                "stop_token_ids": request.stopTokens.sorted().json,
            ])
    }

    private static func request(
        _ prompt: [Int32], logProbabilitiesFrom start: Int, _ sampling: [String: JSONValue]
    ) -> ServerRequest {
        let fixed: [String: JSONValue] = [
            "n": .integer(1), "ignore_eos": .bool(true), "min_new_tokens": .integer(0),
            "repetition_penalty": .number(1), "presence_penalty": .number(0),
            "frequency_penalty": .number(0),
        ]
        return ServerRequest(
            path: "/generate",
            body: .object([
                "input_ids": prompt.json, "stream": .bool(false), "return_logprob": .bool(true),
                "logprob_start_len": .integer(start), "top_logprobs_num": .integer(0),
                "sampling_params": .object(sampling.merging(fixed) { own, _ in own }),
            ]))
    }

    func generation(
        in answer: JSONValue, to request: GenerationRequest, model: String, _ text: TokenText
    ) throws(AnswerFault) -> Generation {
        let reason = try Self.end(of: answer, promptTokens: request.prompt.count)
        guard reason == "stop" || reason == "length" else { throw .unknownEnd(reason) }
        let tokens = try answer.list("output_ids").tokens()
        let values = try answer.list("meta_info", "output_token_logprobs")
        try tokens.count.check("log-probabilities", values.count)
        try tokens.count.check(
            "completion tokens in `meta_info`", answer.integer("meta_info", "completion_tokens"))
        return Generation(
            tokens: tokens, logProbabilities: try Self.logProbabilities(values[...], of: tokens),
            end: try request.end(of: tokens, isStopped: reason == "stop", text))
    }

    func fingerprint(of answer: JSONValue) -> String? {
        answer["meta_info"]?["weight_version"]?.text
    }

    func scoring(of tokens: [Int32], model: String) -> ServerRequest? {
        Self.request(
            tokens, logProbabilitiesFrom: 0,
            ["max_new_tokens": .integer(0), "temperature": .number(1)])
    }

    func scores(
        in answer: JSONValue, of tokens: [Int32], model: String
    ) throws(AnswerFault) -> [Float] {
        _ = try Self.end(of: answer, promptTokens: tokens.count)
        let values = try answer.list("meta_info", "input_token_logprobs")
        try tokens.count.check("log-probabilities", values.count)
        // The first token has no log-probability.
        return try Self.logProbabilities(values.dropFirst(), of: Array(tokens.dropFirst()))
    }

    /// Why the continuation ended.
    private static func end(
        of answer: JSONValue, promptTokens: Int
    ) throws(AnswerFault) -> String {
        let reason = try answer.text("meta_info", "finish_reason", "type")
        guard reason != "abort" else { throw .aborted }
        try promptTokens.check(
            "prompt tokens in `meta_info`", answer.integer("meta_info", "prompt_tokens"))
        return reason
    }

    /// Reads `[log-probability, token, text]` for every token.
    private static func logProbabilities(
        _ values: ArraySlice<JSONValue>, of tokens: [Int32]
    ) throws(AnswerFault) -> [Float] {
        var result: [Float] = []
        for (value, token) in zip(values, tokens) {
            guard case .array(let parts) = value, parts.count >= 2,
                parts[1].integer == Int(token)
            else { throw .badToken(position: result.count) }
            result.append(try Optional(parts[0]).logProbability(at: result.count))
        }
        return result
    }
}
