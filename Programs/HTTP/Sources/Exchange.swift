/// A request: one line of standard input.
struct Request: Decodable {
    /// Chosen by the sender; the answer has the same.
    let id: Int
    let method: String
    let url: String
    let headers: [String: String]?
    let body: String?
    /// The time limit for everything from the connection to the end of the answer.
    let seconds: Double
    /// The maximum size of the body of the answer, in bytes.
    let limit: Int
}

/// The answer to a request, or the reason why there is none: one line of standard output.
struct Answer: Encodable {
    enum Failure: String, Encodable {
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
        /// The request cannot be sent: its URL, method or headers are invalid.
        case invalid
    }

    let id: Int
    var status: UInt?
    var body: String?
    var error: Failure?
    /// The error in the words of the HTTP library.
    var detail: String?
}
