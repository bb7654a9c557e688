/// The reason why the answer of a server is not used.
package enum AnswerFault: Error, Hashable, Sendable {
    /// There is no answer.
    case transport(HTTPFailure)
    case status(Int, body: String)
    /// The server gave up the request.
    case aborted

    case notJSON(String)
    /// A part is missing or has another type.
    case missing(String)
    case count(String, expected: Int, found: Int)
    /// A log-probability is not a finite number.
    case notFinite(position: Int)
    case badToken(position: Int)
    case unknownEnd(String)
    /// The server says that a stop token or stop text ended the continuation, but it does not.
    case noStop
    /// The tokenizer cannot decode the tokens.
    case undecodable(String)
    /// Tokens follow a stop token.
    case lateStop(position: Int)

    case otherModel(String, expected: String)
    case otherPrompt
    /// The continuation is shorter than the limit without an end.
    case shortened(tokens: Int, limit: Int)
    /// The server ended the continuation at a token of its own choice.
    case foreignStop(token: Int32)

    /// What to do about a fault.
    package enum Remedy: Hashable, Sendable {
        /// The server is overloaded, restarts or is gone: ask again later, and fewer requests at once.
        case wait
        /// The answer is damaged, but the server may be well: ask again.
        case repeatRequest
        /// All later answers would be wrong too: the stage fails.
        case fail
    }

    package var remedy: Remedy {
        switch self {
        case .transport(let failure):
            switch failure.kind {
            case .connect, .reset, .timeout: .wait
            case .notText: .repeatRequest
            case .tooLarge, .invalid: .fail
            }
        case .status(let status, let body):
            if status == 500, body.contains(Self.notUTF8) {
                .repeatRequest
            } else {
                status == 408 || status == 425 || status == 429 || status >= 500 ? .wait : .fail
            }
        case .aborted: .wait
        case .notJSON, .missing, .count, .notFinite, .badToken, .unknownEnd, .noStop,
            .undecodable, .lateStop:
            .repeatRequest
        case .otherModel, .otherPrompt, .shortened, .foreignStop: .fail
        }
    }

    /// The message of llama-server about a continuation that is not valid UTF-8.
    private static let notUTF8 = "does not match the expected"
}

extension AnswerFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .transport(let failure): failure.description
        case .status(let status, let body):
            "HTTP status \(status)" + (body.isEmpty ? "" : ": \(Self.brief(body))")
        case .aborted: "it aborted the request"
        case .notJSON(let reason): "the answer is not valid JSON: \(reason)"
        case .missing(let field): "the answer has no valid `\(field)`"
        case .count(let what, let expected, let found):
            "the answer has \(found) \(what) instead of \(expected)"
        case .notFinite(let position):
            "the log-probability of token \(position) is not a finite number"
        case .badToken(let position): "token \(position) of the answer is not a token id"
        case .unknownEnd(let reason): "the continuation ended for the unknown reason `\(reason)`"
        case .noStop: "the continuation ended without a stop token or stop text"
        case .undecodable(let reason): "the tokens cannot be decoded: \(reason)"
        case .lateStop(let position): "tokens follow the stop token \(position)"
        case .otherModel(let name, let expected):
            "the answer is from the model `\(name)`, not `\(expected)`"
        case .otherPrompt: "the answer is to another prompt"
        case .shortened(let tokens, let limit):
            "the continuation was cut after \(tokens) of \(limit) tokens: the context of the server is too short"
        case .foreignStop(let token):
            "the server stops at the token \(token), which is not an end mark of the format"
        }
    }

    /// The first line of a text, without its end if it is long.
    static func brief(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return line.count <= 300 ? line : line.prefix(300) + "…"
    }
}
