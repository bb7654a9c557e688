import Inference
import JSON
import Testing

@Suite(.timeLimit(.minutes(10)))
struct LlamaServerTests {
    private let api = ServerKind.llamaServer.api
    private let request = GenerationRequest(prompt: [300, 301, 302], maxTokens: 4, seed: 7)

    private func answer() throws -> JSONValue {
        try Recorded("length", of: "llama-server-b10434").response
    }

    private func read(
        _ answer: JSONValue, to request: GenerationRequest
    ) throws(AnswerFault) -> Generation {
        try api.generation(in: answer, to: request, model: "tiny") { tokens in
            tokens.map { "\($0)" }.joined(separator: " ")
        }
    }

    @Test("A request is as llama-server accepts it")
    func requestBody() throws {
        let recorded = try Recorded("length", of: "llama-server-b10434")
        let body = api.generation(of: request, model: "tiny")
        #expect(body.path == recorded.path)
        #expect(body.body == recorded.request.canonical)
    }

    @Test("Seeds have 32 bits and are not the one that asks for a random seed")
    func seeds() throws {
        var request = request
        request.seed = 0xFFFF_FFFF
        let body = try #require(api.generation(of: request, model: "tiny").body)
        #expect(JSONValue(json: body)?["seed"] == .integer(0))
    }

    @Test("Tokens and log-probabilities are read")
    func length() throws {
        let generation = try read(answer(), to: request)
        #expect(generation.tokens == [286, 286, 318, 294])
        #expect(generation.logProbabilities.count == 4)
        #expect(generation.end == .length)
    }

    @Test(
        "A continuation is cut after the first stop token, or the token that completes a stop text")
    func stops() throws {
        var request = request
        request.stopTokens = [318]
        let stopped = try read(answer(), to: request)
        #expect(stopped.tokens == [286, 286, 318])
        #expect(stopped.logProbabilities.count == 3)
        #expect(stopped.end == .stop)
        request.stopTokens = []
        request.stopTexts = ["286 31"]
        #expect(try read(answer(), to: request).tokens == [286, 286, 318])
        request.stopTokens = [294]
        #expect(try read(answer(), to: request).tokens == [286, 286, 318])
    }

    @Test("An end at the server's own token is refused, unless the request has no stop condition")
    func foreignStop() throws {
        let answer = try answer().changing("stop_type") { _ in .string("eos") }
        #expect(try read(answer, to: request).end == .stop)
        var request = request
        request.stopTokens = [5]
        #expect(throws: AnswerFault.foreignStop(token: 294)) { try read(answer, to: request) }
    }

    @Test("A damaged answer is a fault")
    func damaged() throws {
        let whole = try answer()
        #expect(throws: AnswerFault.count("log-probabilities", expected: 4, found: 3)) {
            try read(
                whole.changing("completion_probabilities") { $0?.shortened }, to: request)
        }
        #expect(throws: AnswerFault.otherPrompt) {
            try read(whole.changing("tokens_evaluated") { _ in .integer(4) }, to: request)
        }
        #expect(throws: AnswerFault.shortened(tokens: 4, limit: 9)) {
            var request = request
            request.maxTokens = 9
            _ = try read(whole, to: request)
        }
    }

    @Test("It cannot score")
    func scores() {
        #expect(api.scoring(of: [1, 2], model: "tiny") == nil)
        #expect(!ServerKind.llamaServer.scores)
    }

    @Test("A continuation that is not valid UTF-8 is a fault of the request, not of the server")
    func undecodable() {
        let fault = AnswerFault.status(
            500, body: "The generated text does not match the expected Content-only format")
        #expect(fault.remedy == .repeatRequest)
        #expect(AnswerFault.status(500, body: "").remedy == .wait)
    }
}

@Suite(.timeLimit(.minutes(10)))
struct SGLangTests {
    private let api = ServerKind.sglang.api
    private let request = GenerationRequest(
        prompt: [1, 2], maxTokens: 3, seed: 7, stopTokens: [9])

    private func answer(_ end: String, _ ids: [Int]) -> JSONValue {
        .object([
            "text": .string(""), "output_ids": .array(ids.map { .integer($0) }),
            "meta_info": .object([
                "finish_reason": .object(["type": .string(end)]), "prompt_tokens": .integer(2),
                "completion_tokens": .integer(ids.count),
                "output_token_logprobs": .array(
                    ids.map { .array([.number(-0.5), .integer($0), .null]) }),
                "input_token_logprobs": .array([
                    .array([.null, .integer(1), .null]),
                    .array([.number(-2.5), .integer(2), .null]),
                ]),
            ]),
        ])
    }

    @Test("Generated tokens are read from the ids, with their log-probabilities")
    func generation() throws {
        let ended = try api.generation(in: answer("stop", [4, 9]), to: request, model: "m") {
            _ in ""
        }
        #expect(ended.tokens == [4, 9])
        #expect(ended.logProbabilities == [-0.5, -0.5])
        #expect(ended.end == .stop)
        #expect(throws: AnswerFault.shortened(tokens: 2, limit: 3)) {
            try api.generation(in: answer("length", [4, 5]), to: request, model: "m") { _ in "" }
        }
        #expect(throws: AnswerFault.aborted) {
            try api.generation(in: answer("abort", []), to: request, model: "m") { _ in "" }
        }
    }

    @Test("Scores are read from the prompt, and belong to its tokens")
    func scores() throws {
        #expect(try api.scores(in: answer("length", []), of: [1, 2], model: "m") == [-2.5])
        #expect(throws: AnswerFault.badToken(position: 0)) {
            try api.scores(in: answer("length", []), of: [1, 3], model: "m")
        }
    }

    @Test("A request has ids, a seed and log-probabilities")
    func requestBody() throws {
        let body = try #require(api.generation(of: request, model: "m").body)
        let value = try #require(JSONValue(json: body))
        #expect(value["input_ids"] == .array([.integer(1), .integer(2)]))
        #expect(value["return_logprob"] == .bool(true))
        #expect(value["sampling_params"]?["sampling_seed"] == .integer(7))
        #expect(value["sampling_params"]?["stop_token_ids"] == .array([.integer(9)]))
        #expect(value["sampling_params"]?["top_k"] == .integer(-1))
    }
}
