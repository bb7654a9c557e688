import JSON

/// The HTTP interface of a kind of server: requests as values, and readers that believe nothing of an answer that they
/// can check. It performs no requests.
package protocol ServerAPI: Sendable {
    /// The path of a document with the version of the server, and its place in the document.
    var version: (path: String, field: String) { get }

    func generation(of request: GenerationRequest, model: String) -> ServerRequest

    /// Reads the answer to `generation`. `text` decodes tokens, to find stop texts.
    func generation(
        in answer: JSONValue, to request: GenerationRequest, model: String, _ text: TokenText
    ) throws(AnswerFault) -> Generation

    /// The version and configuration of the server in its words, which an answer to either request contains; `nil` if the
    /// server does not tell.
    func fingerprint(of answer: JSONValue) -> String?

    /// A request for the log-probabilities of `tokens`; `nil` if the server cannot compute them.
    func scoring(of tokens: [Int32], model: String) -> ServerRequest?

    /// Reads the answer to `scoring`: log p(tokens[t] | tokens[..<t]) for every t >= 1, in nats.
    func scores(
        in answer: JSONValue, of tokens: [Int32], model: String
    ) throws(AnswerFault) -> [Float]
}

/// Decodes tokens.
package typealias TokenText = @Sendable ([Int32]) throws -> String

/// A request to a server: a path and, for POST, a body.
package struct ServerRequest: Hashable, Sendable {
    package let path: String
    package let body: String?

    package init(path: String, body: JSONValue? = nil) {
        self.path = path
        self.body = body?.canonical
    }
}

/// The list of models, which all kinds of servers have.
struct ModelList {
    static let request = ServerRequest(path: "/v1/models")

    let names: [String]
    /// The maximum number of tokens of a prompt with its continuation; `nil` if the server does not tell.
    let contextLength: Int?

    /// Reads the context of `model`.
    init(_ answer: JSONValue, model: String) throws(AnswerFault) {
        let models = try answer.list("data")
        names = models.compactMap { $0["id"]?.text }
        let entry = models.first { $0["id"]?.text == model }
        let length = entry?["max_model_len"]?.integer ?? entry?["meta"]?["n_ctx"]?.integer
        contextLength = length.flatMap { $0 > 0 ? $0 : nil }
    }
}

extension [Int32] {
    var json: JSONValue { .array(map { .integer(Int($0)) }) }
}

extension [String] {
    var json: JSONValue { .array(map { .string($0) }) }
}

// MARK: - Strict reading

extension JSONValue {
    var text: String? { if case .string(let text) = self { text } else { nil } }

    var integer: Int? { if case .integer(let integer) = self { integer } else { nil } }

    var real: Double? {
        switch self {
        case .number(let number): number
        case .integer(let integer): Double(integer)
        default: nil
        }
    }

    /// The list at a path of names.
    func list(_ path: String...) throws(AnswerFault) -> [JSONValue] {
        guard case .array(let elements)? = member(path) else { throw .missing(Self.name(path)) }
        return elements
    }

    func text(_ path: String...) throws(AnswerFault) -> String {
        guard let text = member(path)?.text else { throw .missing(Self.name(path)) }
        return text
    }

    func integer(_ path: String...) throws(AnswerFault) -> Int {
        guard let integer = member(path)?.integer else { throw .missing(Self.name(path)) }
        return integer
    }

    private func member(_ path: [String]) -> JSONValue? {
        path.reduce(JSONValue?.some(self)) { $0?[$1] }
    }

    private static func name(_ path: [String]) -> String { path.joined(separator: ".") }
}

extension [JSONValue] {
    /// The elements as token ids.
    func tokens() throws(AnswerFault) -> [Int32] {
        var tokens: [Int32] = []
        for element in self {
            guard let id = element.integer, let token = Int32(exactly: id), token >= 0 else {
                throw .badToken(position: tokens.count)
            }
            tokens.append(token)
        }
        return tokens
    }
}

extension JSONValue? {
    /// A log-probability. Servers replace minus infinity by -9999.
    func logProbability(at position: Int) throws(AnswerFault) -> Float {
        guard let value = self?.real, value.isFinite, value > -9999, value <= 1e-3 else {
            throw .notFinite(position: position)
        }
        return Float(value)
    }
}

extension Int {
    /// Throws if a part of an answer does not have this many elements.
    func check(_ what: String, _ found: Int) throws(AnswerFault) {
        guard found == self else { throw .count(what, expected: self, found: found) }
    }
}

extension GenerationRequest {
    /// The end of a continuation that a server says to have stopped, or to have reached the limit.
    func end(
        of tokens: [Int32], isStopped: Bool, _ text: TokenText
    ) throws(AnswerFault) -> Generation.End {
        if let place = tokens.dropLast().firstIndex(where: stopTokens.contains) {
            throw .lateStop(position: place)
        }
        if let last = tokens.last, stopTokens.contains(last) { return .stop }
        guard isStopped else {
            guard tokens.count == maxTokens else {
                throw .shortened(tokens: tokens.count, limit: maxTokens)
            }
            return .length
        }
        guard try hasStopText(tokens, text) else { throw .noStop }
        return .stop
    }

    func hasStopText(
        _ tokens: some Collection<Int32>, _ text: TokenText
    ) throws(AnswerFault) -> Bool {
        guard !stopTexts.isEmpty else { return false }
        do {
            let whole = try text(Array(tokens))
            return stopTexts.contains { whole.contains($0) }
        } catch {
            throw .undecodable("\(error)")
        }
    }
}
