/// A server to which requests are sent.
package protocol InferenceServer: Sendable {
    /// Its name in messages.
    var name: String { get }

    /// Whether it starts a process again that has died, as often as it finds right. Another address is then another
    /// process, which has not failed yet.
    var restarts: Bool { get }

    /// The address for the next request, `http://host:port`. Throws `HTTPFailure` if there is none now, and
    /// `InferenceError` if there will be none.
    func url() async throws -> String
}
