import Inference
import JSON
import Testing

@Suite(.timeLimit(.minutes(10)))
struct VLLMTests {
    private let api = ServerKind.vllm.api
    private let request = GenerationRequest(prompt: [10, 20, 30, 40, 50], maxTokens: 4, seed: 7)
    private let scored: [Int32] = [10, 20, 30, 40, 50, 1397, 985, 1307]

    private func recorded(_ name: String) throws -> Recorded {
        try Recorded(name, of: "vllm-0.32.0")
    }

    private func read(
        _ answer: JSONValue, to request: GenerationRequest, text: String = ""
    ) throws(AnswerFault) -> Generation {
        try api.generation(in: answer, to: request, model: "tiny") { _ in text }
    }

    @Test("A request has token ids and every sampling parameter, as vLLM accepts it")
    func requestBody() throws {
        let recorded = try recorded("length")
        let body = api.generation(of: request, model: "tiny")
        #expect(body.path == recorded.path)
        #expect(body.body == recorded.request.canonical)
    }

    @Test("Filters and stop conditions are part of a request")
    func filters() throws {
        var request = request
        request.temperature = 0.6
        request.topK = 20
        request.topP = 0.95
        request.minP = 0.1
        request.stopTokens = [9, 3]
        request.stopTexts = ["</think>"]
        let body = api.generation(of: request, model: "tiny").body
        let value = try #require(body.flatMap { JSONValue(json: $0) })
        #expect(value["temperature"] == .number(0.6))
        #expect(value["top_k"] == .integer(20))
        #expect(value["top_p"] == .number(0.95))
        #expect(value["min_p"] == .number(0.1))
        #expect(value["stop_token_ids"] == .array([.integer(3), .integer(9)]))
        #expect(value["stop"] == .array([.string("</think>")]))
    }

    @Test("The tokens and log-probabilities of an answer are read")
    func length() throws {
        let generation = try read(recorded("length").response, to: request)
        #expect(generation.tokens == [1397, 985, 1307, 488])
        #expect(
            generation.logProbabilities == [-8.4609375, -6.381275, -4.4600377, -8.712265])
        #expect(generation.end == .length)
        let fingerprint = api.fingerprint(of: try recorded("length").response)
        #expect(fingerprint?.hasPrefix("vllm-0.32.0-") == true)
    }

    @Test("A stop token and a stop text end a continuation and are included")
    func stops() throws {
        var request = request
        request.maxTokens = 40
        request.stopTokens = [1307]
        let stopped = try read(recorded("stop token").response, to: request)
        #expect(stopped.tokens == [1397, 985, 1307])
        #expect(stopped.end == .stop)
        request.stopTokens = []
        request.stopTexts = ["e"]
        let ended = try read(recorded("stop text").response, to: request, text: "total de")
        #expect(ended.tokens.last == 267)
        #expect(ended.end == .stop)
    }

    @Test("A continuation that is said to end, but does not, is a fault")
    func noStop() throws {
        var request = request
        request.maxTokens = 40
        let answer = try recorded("stop text").response
        #expect(throws: AnswerFault.noStop) { try read(answer, to: request) }
        request.stopTexts = ["e"]
        #expect(throws: AnswerFault.noStop) { try read(answer, to: request, text: "total") }
        request.stopTokens = [985]
        #expect(throws: AnswerFault.lateStop(position: 1)) { try read(answer, to: request) }
    }

    @Test("A continuation that the context cut is refused")
    func shortened() throws {
        var request = request
        request.maxTokens = 100
        let answer = try recorded("length").response
        let fault = AnswerFault.shortened(tokens: 4, limit: 100)
        #expect(throws: fault) { try read(answer, to: request) }
        #expect(fault.remedy == .fail)
        #expect(
            fault.description
                == "the continuation was cut after 4 of 100 tokens: the context of the server is too short"
        )
    }

    @Test("A damaged answer is a fault after which the request is repeated")
    func damaged() throws {
        let whole = try recorded("length").response
        let token: (Double) -> (JSONValue?) -> JSONValue? = { value in
            { $0?.ending(with: .number(value)) }
        }
        let damages: [(JSONValue, AnswerFault)] = [
            (
                whole.changing("choices") { $0?.shortened },
                .count("choices", expected: 1, found: 0)
            ),
            (
                whole.changing("choices", "0", "token_ids") { _ in nil },
                .missing("token_ids")
            ),
            (
                whole.changing("choices", "0", "prompt_token_ids") { _ in .null },
                .missing("prompt_token_ids")
            ),
            (
                whole.changing("choices", "0", "logprobs") { _ in .null },
                .missing("logprobs.token_logprobs")
            ),
            (
                whole.changing("choices", "0", "logprobs", "token_logprobs") { $0?.shortened },
                .count("log-probabilities", expected: 4, found: 3)
            ),
            (
                whole.changing("choices", "0", "logprobs", "token_logprobs") {
                    $0?.ending(with: .null)
                }, .notFinite(position: 3)
            ),
            (
                whole.changing("choices", "0", "logprobs", "token_logprobs", change: token(-9999)),
                .notFinite(position: 3)
            ),
            (
                whole.changing("choices", "0", "token_ids") { _ in .array([]) },
                .count("log-probabilities", expected: 0, found: 4)
            ),
            (
                whole.changing("choices", "0", "token_ids") { $0?.ending(with: .integer(-1)) },
                .badToken(position: 3)
            ),
            (
                whole.changing("usage", "completion_tokens") { _ in .integer(11) },
                .count("completion tokens in `usage`", expected: 4, found: 11)
            ),
            (
                whole.changing("choices", "0", "finish_reason") { _ in .string("error") },
                .unknownEnd("error")
            ),
        ]
        for (answer, fault) in damages {
            #expect(throws: fault) { try read(answer, to: request) }
            #expect(fault.remedy == .repeatRequest)
        }
    }

    @Test("An answer to another request, or from another model, fails the stage")
    func foreign() throws {
        let whole = try recorded("length").response
        let prompt = whole.changing("choices", "0", "prompt_token_ids") {
            $0?.ending(with: .integer(1))
        }
        #expect(throws: AnswerFault.otherPrompt) { try read(prompt, to: request) }
        let model = whole.changing("model") { _ in .string("another") }
        let fault = AnswerFault.otherModel("another", expected: "tiny")
        #expect(throws: fault) { try read(model, to: request) }
        #expect(AnswerFault.otherPrompt.remedy == .fail)
        #expect(fault.remedy == .fail)
    }

    @Test("An aborted request is repeated later")
    func aborted() throws {
        let answer = try recorded("length").response.changing("choices", "0", "finish_reason") {
            _ in .string("abort")
        }
        #expect(throws: AnswerFault.aborted) { try read(answer, to: request) }
        #expect(AnswerFault.aborted.remedy == .wait)
    }

    @Test("Scores are the log-probabilities of all tokens but the first")
    func scores() throws {
        let recorded = try recorded("scores")
        #expect(
            api.scoring(of: scored, model: "tiny")?.body == recorded.request.canonical)
        #expect(
            try api.scores(in: recorded.response, of: scored, model: "tiny") == [
                -9.067284, -9.091644, -8.874891, -7.393729, -8.4609375, -6.381275, -4.4600377,
            ])
    }

    @Test("A damaged score is a fault")
    func damagedScores() throws {
        let whole = try recorded("scores").response
        let short = whole.changing("choices", "0", "prompt_logprobs") { $0?.shortened }
        #expect(throws: AnswerFault.count("log-probabilities", expected: 8, found: 7)) {
            try api.scores(in: short, of: scored, model: "tiny")
        }
        let infinite = whole.changing("choices", "0", "prompt_logprobs", "7", "1307", "logprob") {
            _ in .number(-9999)
        }
        #expect(throws: AnswerFault.notFinite(position: 7)) {
            try api.scores(in: infinite, of: scored, model: "tiny")
        }
        let other = whole.changing("choices", "0", "prompt_logprobs", "7") { _ in
            .object(["5": .object(["logprob": .number(-1)])])
        }
        #expect(throws: AnswerFault.notFinite(position: 7)) {
            try api.scores(in: other, of: scored, model: "tiny")
        }
    }
}
