/// A server to which requests are sent.
package protocol InferenceServer: Sendable {
    /// Its name in messages.
    var name: String { get }

    /// The address for the next request, `http://host:port`. Throws `HTTPFailure` if there is none now, and
    /// `InferenceError` if there will be none.
    func url() async throws -> String
}
