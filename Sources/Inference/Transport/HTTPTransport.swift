/// A way to send HTTP requests. Tests replace it.
package protocol HTTPTransport: Sendable {
    /// Sends a request and returns the complete answer, of any status. Throws `HTTPFailure` if there is none, and
    /// `CancellationError` soon after the task is cancelled.
    func answer(to request: HTTPRequest) async throws -> HTTPAnswer
}

package struct HTTPRequest: Hashable, Sendable {
    package var method: String
    package var url: String
    package var headers: [String: String]
    package var body: String?
    /// The time limit for everything from the connection to the end of the answer.
    package var seconds: Int
    /// The maximum size of the body of the answer, in bytes.
    package var limit: Int

    package init(
        method: String, url: String, headers: [String: String] = [:], body: String? = nil,
        seconds: Int, limit: Int
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.seconds = seconds
        self.limit = limit
    }
}

package struct HTTPAnswer: Hashable, Sendable {
    package let status: Int
    package let body: String

    package init(status: Int, body: String) {
        self.status = status
        self.body = body
    }
}

/// The reason why a request has no answer.
package struct HTTPFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable {
        /// The connection could not be opened.
        case connect
        /// The connection ended before the answer did.
        case reset
        /// The time limit passed.
        case timeout
        /// The body is longer than the limit.
        case tooLarge
        /// The body is not valid UTF-8.
        case notText
        /// The request cannot be sent.
        case invalid
    }

    package let kind: Kind
    /// The error in the words of the HTTP library.
    package let detail: String

    package init(_ kind: Kind, detail: String = "") {
        self.kind = kind
        self.detail = detail
    }

    package var description: String {
        let sentence =
            switch kind {
            case .connect: "cannot connect"
            case .reset: "the connection ended before the answer did"
            case .timeout: "no complete answer within the time limit"
            case .tooLarge: "the answer is too large"
            case .notText: "the answer is not valid UTF-8"
            case .invalid: "the request cannot be sent"
            }
        return sentence + (detail.isEmpty ? "" : " (\(AnswerFault.brief(detail)))")
    }
}
